"""Daily cleanup: delete rows settled two weeks ago, erase the content of expired dead e-mails."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool

from notifications.models import BUCKETS
from notifications.pump import loop, store

KEPT = timedelta(days=14)
DAY = 86_400.0
FIRST = 3600.0
DELETES = tuple(
    f"DELETE FROM {table} WHERE bucket = %(bucket)s AND settled_at < %(old)s"  # noqa: S608
    for table in ("notifications_intent", "notifications_delivery", "notifications_letter")
)
ERASE = """
UPDATE notifications_letter SET sealed = ''
WHERE bucket = %(bucket)s AND state = 'dead' AND expires <= %(now)s AND sealed <> ''
"""

log = structlog.get_logger()


async def run(pool: AsyncConnectionPool, stop: asyncio.Event) -> None:
    """Clean up daily until `stop`, for the first time within an hour after the start."""
    rest = random.uniform(0, FIRST)  # noqa: S311  # spread
    while not await loop.rest(stop, rest):
        try:
            await run_once(pool)
        except psycopg.Error as error:
            log.warning("pump.sweep_failed", error=type(error).__name__)
        rest = DAY


async def run_once(pool: AsyncConnectionPool) -> int:
    """One short statement per table and bucket. Returns the number of deleted rows."""
    deleted = 0
    async with pool.connection() as conn:
        now = (await store.poll(conn, store.POLL_EMAILS)).now
        for bucket in range(BUCKETS):
            values = {"bucket": bucket, "now": now, "old": now - KEPT}
            await conn.execute(ERASE, values)
            for delete in DELETES:
                deleted += (await conn.execute(delete, values)).rowcount
    log.info("pump.swept", rows=deleted)
    return deleted
