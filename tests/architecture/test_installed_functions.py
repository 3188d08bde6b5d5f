"""`apply_walls` brings installed SQL functions up to date, whatever form they had before."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings

from tests.databases import manage
from tests.servers import owner_url

# Neither the parameter's name nor the type of the result is that of recovery/feed/sql/ageing.sql.
OLDER = """
DROP FUNCTION age_scope;
CREATE FUNCTION age_scope(place uuid, until timestamptz) RETURNS integer LANGUAGE sql AS 'SELECT 1'
"""
FORM = "SELECT pg_get_function_arguments(oid) FROM pg_proc WHERE proname = 'age_scope'"
MAY_RUN = "SELECT has_function_privilege(%s, 'age_scope(uuid, timestamptz)', 'EXECUTE')"


@pytest.mark.usefixtures("committed_db")
def test_a_function_with_renamed_parameters_is_replaced() -> None:
    url = owner_url(settings.DATABASES["default"]["NAME"])
    with psycopg.connect(url, autocommit=True) as owner:
        installed = owner.execute(FORM).fetchall()
        owner.execute(OLDER)
        assert owner.execute(FORM).fetchall() != installed
        manage(["apply_walls"], url)
        assert owner.execute(FORM).fetchall() == installed
        assert [owner.execute(MAY_RUN, [role]).fetchone() for role in ("app", "jobs")] == [
            (False,),
            (True,),
        ]
