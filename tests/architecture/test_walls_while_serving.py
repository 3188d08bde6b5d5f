"""`apply_walls` runs while everything is served: it never locks two tables at once, and waits."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.conf import settings

from tests.databases import manage
from tests.servers import owner_url

# What transactions of the command hold and wait for, by whether they have it.
LOCKS = """
SELECT array_agg(relation::regclass::text) FILTER (WHERE granted),
       array_agg(relation::regclass::text) FILTER (WHERE NOT granted)
FROM pg_locks JOIN pg_class ON pg_class.oid = relation
WHERE mode = 'AccessExclusiveLock' AND relnamespace = 'public'::regnamespace AND relkind = 'r'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND pid IN (SELECT pid FROM pg_stat_activity WHERE usename = 'owner')
"""
PATIENCE = 60.0


@pytest.mark.usefixtures("committed_db")
def test_a_table_in_use_is_waited_for_without_a_lock_on_any_other() -> None:
    url = owner_url(settings.DATABASES["default"]["NAME"])
    with (
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(url, autocommit=True) as observer,
        psycopg.connect(url) as request,
    ):
        request.execute("LOCK TABLE recovery_message IN ROW EXCLUSIVE MODE")
        command = pool.submit(manage, ["apply_walls"], url)
        try:
            assert locks_when_it_waits(observer) == (None, ["recovery_message"])
        finally:
            request.rollback()
        command.result()


def locks_when_it_waits(observer: psycopg.Connection) -> tuple[object, ...]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        row = observer.execute(LOCKS).fetchone()
        if row and row[1]:
            return row
        time.sleep(0.01)
    raise AssertionError("it never waited")
