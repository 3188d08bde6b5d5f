"""Once a day, what is over: rows settled two weeks ago, and what dead letters still say."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool

from notifications.models import BUCKETS
from notifications.pump import loop, store

KEPT = timedelta(days=14)
DAY = 86_400.0
FIRST = 3600.0
SWEEPS = tuple(
    f"DELETE FROM {table} WHERE bucket = %(bucket)s AND settled_at < %(old)s"  # noqa: S608
    for table in ("notifications_intent", "notifications_delivery", "notifications_letter")
)
ERASE = """
UPDATE notifications_letter SET sealed = ''
WHERE bucket = %(bucket)s AND state = 'dead' AND expires <= %(now)s AND sealed <> ''
"""

log = structlog.get_logger()


async def run(pool: AsyncConnectionPool, stop: asyncio.Event) -> None:
    """Sweep daily until `stop`, the first time within an hour of the start."""
    rest = random.uniform(0, FIRST)  # noqa: S311  # spread
    while not await loop.rest(stop, rest):
        try:
            await sweep(pool)
        except psycopg.Error as error:
            log.warning("pump.sweep_failed", error=type(error).__name__)
        rest = DAY


async def sweep(pool: AsyncConnectionPool) -> int:
    """One short statement for each table and bucket; answers how many rows went."""
    async with pool.connection() as conn:
        now = (await store.look(conn, store.LOOK_POSTS)).now
        gone = sum([await _sweep_bucket(conn, bucket, now) for bucket in range(BUCKETS)])
    log.info("pump.swept", rows=gone)
    return gone


async def _sweep_bucket(conn: store.Connection, bucket: int, now: datetime) -> int:
    values = {"bucket": bucket, "now": now, "old": now - KEPT}
    await conn.execute(ERASE, values)
    return sum([(await conn.execute(sweep, values)).rowcount for sweep in SWEEPS])
