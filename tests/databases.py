"""The test database: migrated once, cloned for each worker, used as role `app`.

- `django_db` tests run in a transaction that is rolled back, as usual.
- `committed_db` is for tests that need real commits (several connections, processes,
  threads); afterwards every row in a table that migrations left empty is deleted by owner.
"""

import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from psycopg import errors, sql
from pytest_django import DjangoDbBlocker

from tests.servers import owner_url
from tools.local.data_directory import CHECKOUT
from tools.local.source_hash import CODE, source_hash

BUILDERS_LOCK = 7283_1029
TRIES = 10
# When an epoch that a test had begun was last taken out, on the monotonic clock.
epoch_changed_at = -math.inf
_kept: psycopg.Connection | None = None


@pytest.fixture(scope="session")
def django_db_setup() -> set[str]:
    """Clone the migrated template. Yields the tables that migrations left empty."""
    template = _template()
    name = settings.DATABASES["default"]["NAME"]
    with _owner("postgres") as connection:
        _drop(connection, name)
        _execute(connection, "CREATE DATABASE {} TEMPLATE {}", name, template)
    with _owner(name) as connection:
        tables = _tables(connection)
        return tables.difference(_with_rows(connection, tables))


@pytest.fixture
def committed_db(django_db_setup: set[str], django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Real commits. Before and after the test every table is as migrations left it."""
    left = empty(django_db_setup)
    assert not left, f"an earlier test, or what it started, has written into {left}"
    with django_db_blocker.unblock():
        yield
        connections.close_all()
    empty(django_db_setup)


def end_sessions() -> None:
    """End all sessions in this worker's database. Each role may end its own."""
    end = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND usename = session_user"
    )
    for url in {url for key, url in os.environ.items() if key.startswith("DATABASE_URL")}:
        elsewhere = urlsplit(url)._replace(path="/postgres").geturl()
        with psycopg.connect(elsewhere, autocommit=True) as role:
            role.execute("SET ROLE NONE")  # `reserve` becomes another one at once
            role.execute(end, [settings.DATABASES["default"]["NAME"]])


def as_owner() -> psycopg.Connection:
    """A connection of role owner to this worker's database, which commits each statement. It is
    kept, because beginning one takes 10 ms."""
    global _kept
    if _kept is None or not _answers(_kept):
        _kept = _owner(settings.DATABASES["default"]["NAME"])
    return _kept


def _answers(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("SELECT")
    except psycopg.OperationalError:
        return False
    return True


def _template() -> str:
    """The template database for the current code, built if there is none yet."""
    name = f"handrail_template_{source_hash(*CODE)}"
    with _owner("postgres") as connection:
        # On a busy machine the other worker's build may take longer than the statement timeout.
        connection.execute("SET lock_timeout = 0")
        connection.execute("SELECT pg_advisory_lock(%s)", [BUILDERS_LOCK])
        if not _exists(connection, name):
            _build(connection, name)
    return name


def _build(connection: psycopg.Connection, name: str) -> None:
    """Build under another name, so that a killed build is never mistaken for a template."""
    for (old,) in connection.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE 'handrail_template_%'"
    ).fetchall():
        _drop(connection, old)
    _drop(connection, "handrail_building")
    _execute(connection, "CREATE DATABASE {}", "handrail_building")
    for command in (["migrate", "--verbosity=0"], ["apply_walls"]):
        manage(command, owner_url("handrail_building"))
    _execute(connection, "ALTER DATABASE {} RENAME TO {}", "handrail_building", name)


def manage(command: list[str], url: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=CHECKOUT,
        env=os.environ | {"DATABASE_ROLE": "owner", "DATABASE_URL_OWNER": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"manage.py {command[0]} failed:\n{done.stdout}")


def _tables(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {name for (name,) in rows}


def _with_rows(connection: psycopg.Connection, tables: set[str]) -> list[str]:
    query = "SELECT {} WHERE EXISTS (SELECT FROM {})"
    each = (sql.SQL(query).format(sql.Literal(name), sql.Identifier(name)) for name in tables)
    return sorted(name for (name,) in connection.execute(sql.SQL(" UNION ALL ").join(each)))


def empty(tables: set[str]) -> list[str]:
    """Delete all rows of these tables, and return those that had any. TRUNCATE takes 8 ms for each
    table, however empty.

    Uses one transaction, because an append-only table otherwise refuses even its owner, and one
    statement, because rows refer to each other in every direction.
    """
    global epoch_changed_at
    emptied: set[str] = set()
    for _ in range(TRIES):
        used = _with_rows(as_owner(), tables)
        if not used:
            return sorted(emptied)
        emptied.update(used)
        # A process may still be at a request that its client no longer waits for.
        with suppress(errors.DeadlockDetected, errors.ForeignKeyViolation):
            _delete(as_owner(), used)
        if "recovery_syncepoch" in used:
            epoch_changed_at = time.monotonic()
    raise RuntimeError(f"something writes into {used} again and again")


def _delete(connection: psycopg.Connection, used: list[str]) -> None:
    deletions = [sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in used]
    named = [
        sql.SQL("{} AS ({})").format(sql.Identifier(f"from_{table}"), deletion)
        for table, deletion in zip(used, deletions, strict=True)
    ]
    with connection.transaction():
        for table in used:
            _execute(connection, "ALTER TABLE {} DISABLE TRIGGER USER", table)
        connection.execute(sql.SQL("WITH {} SELECT").format(sql.SQL(", ").join(named)))
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the end bars ALTER
        for table in used:
            _execute(connection, "ALTER TABLE {} ENABLE TRIGGER USER", table)


def _owner(database: str) -> psycopg.Connection:
    return psycopg.connect(owner_url(database), autocommit=True)


def _exists(connection: psycopg.Connection, name: str) -> bool:
    matches = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return matches.fetchone() is not None


def _drop(connection: psycopg.Connection, name: str) -> None:
    _execute(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _execute(connection: psycopg.Connection, statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
