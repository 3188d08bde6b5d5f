"""How to connect to Django's database without Django, for pools of asynchronous connections."""

from __future__ import annotations

from django.conf import settings
from psycopg.conninfo import make_conninfo


def conninfo(*, options: str, application_name: str) -> str:
    """A libpq connection string. `options`: settings of the session, such as timeouts."""
    database = settings.DATABASES["default"]
    return make_conninfo(
        host=database["HOST"] or None,
        port=database["PORT"] or None,
        user=database["USER"] or None,
        password=database["PASSWORD"] or None,
        dbname=database["NAME"],
        application_name=application_name,
        options=options,
    )
