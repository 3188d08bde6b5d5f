"""How to connect to Django's database without Django, for pools of asynchronous connections."""

from __future__ import annotations

from django.conf import settings
from psycopg import pq
from psycopg.conninfo import make_conninfo

# The names that libpq knows. Django's OPTIONS have others of their own beside them.
LIBPQ = frozenset(option.keyword.decode() for option in pq.Conninfo.get_defaults())


def conninfo(*, options: str, application_name: str) -> str:
    """A libpq connection string, with all that DATABASE_URL says, as Django connects too.

    `options`: settings of the session, such as timeouts.
    """
    database = settings.DATABASES["default"]
    more = {name: value for name, value in database["OPTIONS"].items() if name in LIBPQ}
    return make_conninfo(
        host=database["HOST"] or None,
        port=database["PORT"] or None,
        user=database["USER"] or None,
        password=database["PASSWORD"] or None,
        dbname=database["NAME"],
        **more | {"application_name": application_name, "options": options},
    )
