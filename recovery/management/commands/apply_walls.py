"""Give every table its grants, row-level security and references inside the scope.

They are derived from the models, and a table without walls has no grants, so a new table cannot be
forgotten. Run as `owner` after `migrate`, while everything is served. Running it again changes
nothing.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, ProgrammingError, connection, transaction
from psycopg.errors import DeadlockDetected, InvalidFunctionDefinition, LockNotAvailable
from psycopg.sql import SQL, Identifier

from recovery.feed.walls import DOORS, statements
from recovery.people import places

DROPS = """
SELECT string_agg(format('DROP FUNCTION %%s', oid::regprocedure), '; ') FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proname = ANY(%s)
  AND NOT EXISTS (  -- what a policy uses cannot be dropped, and is replaced in place
      SELECT FROM pg_depend
      WHERE refclassid = 'pg_proc'::regclass AND refobjid = pg_proc.oid AND deptype = 'n')
"""
# A function that runs as the owner and that no file defines any more: under its name, or with the
# parameters that it had. What this transaction has installed is as young as the transaction.
DROP_FORMER = """
DO $$
DECLARE
    former regprocedure;
BEGIN
    FOR former IN
        SELECT oid FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
            AND age(xmin) > age(pg_current_xact_id()::xid)
    LOOP
        EXECUTE format('DROP FUNCTION %s', former);
    END LOOP;
END $$
"""
# While we wait for a table, everyone who comes after us waits too. So we wait for less than a
# request does (server/database.py), let the others pass, and try again.
PATIENCE = "SET LOCAL lock_timeout = '500ms'"
TRIES, PAUSE = 60, 0.5  # seconds
LOCKED = (LockNotAvailable, DeadlockDetected)


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for sql in places.functions():
                _install(sql)
            for path in self.function_files():
                _install(path.read_text())
            cursor.execute(DROP_FORMER)
            cursor.execute(DOORS)
            # Only the tables of the job queue use sequences.
            cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO app, jobs")
            # A temporary table hides ours, for whichever request gets the connection next.
            name = Identifier(connection.settings_dict["NAME"])
            cursor.execute(SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(name))
        for model in apps.get_models():
            _put_behind_walls(list(statements(model)))

    def function_files(self) -> list[Path]:
        """The SQL files of both apps, in the order of their names."""
        base = settings.BASE_DIR
        return sorted([*base.glob("recovery/*/sql/*.sql"), *base.glob("notifications/sql/*.sql")])


def _put_behind_walls(table: list[str]) -> None:
    """One table in one transaction. Two locked at once could be a deadlock with a request that uses
    them in another order."""
    for tries_left in reversed(range(TRIES)):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(PATIENCE)
                for statement in table:
                    cursor.execute(statement)
        except OperationalError as error:
            if not tries_left or not isinstance(error.__cause__, LOCKED):
                raise
            time.sleep(PAUSE)
        else:
            return


def _install(sql: str) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except ProgrammingError as error:
        if not isinstance(error.__cause__, InvalidFunctionDefinition):
            raise
        # PostgreSQL replaces a function only if its parameters and columns keep their names. Other
        # transactions see the old function until this one commits. Processes that still call it by
        # the old names fail from then on, so a released function gets new names in two releases.
        names = re.findall(r"CREATE OR REPLACE FUNCTION (\w+)", sql)
        with connection.cursor() as cursor:
            cursor.execute(DROPS, [names])
            [drops] = cursor.fetchone()
            if drops is None:  # nothing is installed, so the file itself is wrong
                raise
            cursor.execute(drops)
            cursor.execute(sql)
