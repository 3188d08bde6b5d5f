"""Claims, leases and fences, with a clock that the test controls."""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime, timedelta

import pytest
from psycopg_pool import AsyncConnectionPool

from notifications.pump import store
from notifications.pump.results import Result, finished
from tests.notifications.running import as_pump

pytestmark = pytest.mark.usefixtures("committed_db")
BUCKET = 7
MINUTE = timedelta(minutes=1)
INSERT = """
INSERT INTO notifications_delivery (bucket, id, scope_id, registration_id, push_class, rank, due,
    expires, state, fence, attempts, reason, fcm_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'planned', 0, 0, '', '')
"""

TO_BROWSER = "UPDATE notifications_delivery SET browser = true WHERE id = %s"


async def plan(
    pool: AsyncConnectionPool, now: datetime, *ranks: int, bucket: int = BUCKET
) -> list[uuid.UUID]:
    """One due delivery for each rank. Later ranks are due earlier."""
    ids = [uuid.uuid4() for _ in ranks]
    async with pool.connection() as conn:
        for place, (new, rank) in enumerate(zip(ids, ranks, strict=True)):
            due = now - timedelta(seconds=place)
            push_class = ["urgent", "reminder", "sync"][rank]
            row = [bucket, new, new, uuid.uuid4(), push_class, rank, due, now + 60 * MINUTE]
            await conn.execute(INSERT, row)
    return ids


async def claim(pool: AsyncConnectionPool, now: datetime, limit: int = 100) -> list[store.Push]:
    async with pool.connection() as conn:
        return await store.claim_pushes(conn, BUCKET, now, limit=limit)


async def mark(pool: AsyncConnectionPool, now: datetime, *results: Result) -> int:
    async with pool.connection() as conn:
        return await store.mark_pushes(conn, BUCKET, now, results)


async def clock(pool: AsyncConnectionPool) -> datetime:
    async with pool.connection() as conn:
        return (await store.poll(conn, store.POLL_PUSHES)).now


def test_a_claim_is_ours_until_the_lease_ends() -> None:
    async def work(pool: AsyncConnectionPool) -> None:
        now = await clock(pool)
        [planned] = await plan(pool, now, 2)
        [first] = await claim(pool, now)
        assert (first.id, first.fence, first.due) == (planned, 1, now + MINUTE)
        assert await claim(pool, now + MINUTE - timedelta(microseconds=1)) == []
        [second] = await claim(pool, now + MINUTE)
        assert (second.id, second.fence, second.attempts) == (planned, 2, 0)

    as_pump(work)


def test_a_stale_fence_is_refused() -> None:
    async def work(pool: AsyncConnectionPool) -> None:
        now = await clock(pool)
        await plan(pool, now, 2)
        [slow] = await claim(pool, now)
        [quick] = await claim(pool, now + MINUTE)
        assert await mark(pool, now, finished(slow, "dead", "late")) == 0
        assert await mark(pool, now, finished(quick, "sent")) == 1
        assert await mark(pool, now, finished(quick, "dead", "twice")) == 0
        async with pool.connection() as conn:
            rows = await conn.execute("SELECT state, reason FROM notifications_delivery")
            assert await rows.fetchall() == [("sent", "")]

    as_pump(work)


def test_concurrent_claims_never_overlap() -> None:
    async def work(pool: AsyncConnectionPool) -> None:
        now = await clock(pool)
        planned = await plan(pool, now, *[2] * 60)
        claims = await asyncio.gather(*(claim(pool, now, limit=7) for _ in range(12)))
        claimed = [push.id for batch in claims for push in batch]
        claimed += [push.id for push in await claim(pool, now)]
        assert sorted(claimed) == sorted(planned)

    as_pump(work)


def test_urgent_goes_first_and_then_by_age() -> None:
    async def work(pool: AsyncConnectionPool) -> None:
        now = await clock(pool)
        planned = await plan(pool, now, 2, 1, 0, 2, 0)
        got = [(await claim(pool, now, limit=1))[0].id for _ in range(5)]
        assert got == [planned[place] for place in (4, 2, 1, 3, 0)]

    as_pump(work)


def test_only_buckets_with_something_due_are_visited() -> None:
    async def work(pool: AsyncConnectionPool) -> None:
        now = await clock(pool)
        await plan(pool, now, 2, bucket=3)
        await plan(pool, now, 2, bucket=63)
        await plan(pool, now + 60 * MINUTE, 2, bucket=5)
        async with pool.connection() as conn:
            assert (await store.poll(conn, store.POLL_PUSHES)).buckets == [3, 63]

    as_pump(work)


def test_while_firebase_is_paused_only_pushes_to_browsers_are_visited() -> None:
    async def work(pool: AsyncConnectionPool) -> None:
        now = await clock(pool)
        [browsers] = await plan(pool, now, 2, bucket=BUCKET)
        phones = [*await plan(pool, now, 0, bucket=BUCKET), *await plan(pool, now, 0, bucket=9)]
        async with pool.connection() as conn:
            await conn.execute(TO_BROWSER, [browsers])
            assert (await store.poll(conn, store.POLL_PUSHES)).buckets == [BUCKET, 9]
            await store.pause(conn, "fcm", now + MINUTE, "quota_exceeded")
            assert (await store.poll(conn, store.POLL_PUSHES)).buckets == [BUCKET]
            claimed = await store.claim_pushes(conn, BUCKET, now, firebase=False)
            assert [push.id for push in claimed] == [browsers]
            assert (await store.poll(conn, store.POLL_PUSHES)).buckets == []
            assert [push.id for push in await store.claim_pushes(conn, BUCKET, now)] == phones[:1]

    as_pump(work)


def test_a_pause_from_before_the_clock_was_set_back_is_over() -> None:
    async def work(pool: AsyncConnectionPool) -> None:
        now = await clock(pool)
        async with pool.connection() as conn:
            await store.pause(conn, "fcm", now + 61 * MINUTE, "quota_exceeded")
            assert (await store.poll(conn, store.POLL_PUSHES)).pauses == []
            await store.pause(conn, "fcm", now + MINUTE / 2, "quota_exceeded")
            view = await store.poll(conn, store.POLL_PUSHES)
            assert view.pauses == [("fcm", now + MINUTE / 2)]

    as_pump(work)


def test_a_longer_pause_wins() -> None:
    async def work(pool: AsyncConnectionPool) -> None:
        now = await clock(pool)
        async with pool.connection() as conn:
            for minutes in (5, 9, 2):
                await store.pause(conn, "fcm", now + minutes * MINUTE, "quota_exceeded")
            view = await store.poll(conn, store.POLL_PUSHES)
            assert view.pauses == [("fcm", now + 9 * MINUTE)]

    as_pump(work)
