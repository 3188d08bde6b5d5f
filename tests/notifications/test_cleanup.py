from __future__ import annotations

import asyncio

import pytest
from psycopg_pool import AsyncConnectionPool

from notifications.pump import cleanup
from notifications.pump.loop import rest
from tests.cast import reachable
from tests.notifications.running import RunningSimulator, as_pump, pump
from tests.notifications.sending import remind, write

COUNT = "SELECT count(*) FROM {}"
CHANGE = "UPDATE notifications_letter SET {}"
AGE = "UPDATE {} SET settled_at = settled_at - interval '14 days'"
TABLES = ("notifications_intent", "notifications_delivery", "notifications_letter")


def rows() -> list[int]:
    async def work(pool: AsyncConnectionPool) -> list[int]:
        async with pool.connection() as conn:
            counts = [await conn.execute(COUNT.format(table)) for table in TABLES]
            return [(await count.fetchone() or [0])[0] for count in counts]

    return as_pump(work)


def age() -> None:
    async def work(pool: AsyncConnectionPool) -> None:
        async with pool.connection() as conn:
            for table in TABLES:
                await conn.execute(AGE.format(table))

    as_pump(work)


@pytest.mark.usefixtures("committed_db")
def test_rows_finished_two_weeks_ago_are_deleted_and_waiting_ones_kept(
    fcm: RunningSimulator,
) -> None:
    ana = reachable("device:0123456789")
    remind([ana])
    pump(fcm)
    write(ana)
    assert as_pump(cleanup.run_once) == 0
    age()
    assert as_pump(cleanup.run_once) == 2
    assert rows() == [0, 0, 1]
    remind([ana])
    age()
    assert as_pump(cleanup.run_once) == 0
    assert rows() == [1, 0, 1]


@pytest.mark.usefixtures("committed_db")
def test_a_dead_letter_keeps_its_text_while_it_can_be_replayed() -> None:
    ana = reachable("device:0123456789")
    write(ana)

    async def work(pool: AsyncConnectionPool) -> list[int]:
        lengths = []
        for change in ("state = 'dead'", "expires = now()"):
            async with pool.connection() as conn:
                await conn.execute(CHANGE.format(change))
            await cleanup.run_once(pool)
            async with pool.connection() as conn:
                cursor = await conn.execute("SELECT length(sealed) FROM notifications_letter")
                lengths.append((await cursor.fetchone() or [0])[0])
        return lengths

    kept, erased = as_pump(work)
    assert kept > 50
    assert erased == 0


def test_a_stop_ends_the_wait() -> None:
    async def work() -> tuple[bool, bool]:
        stop = asyncio.Event()
        undisturbed = await rest(stop, 0.01)
        stop.set()
        return undisturbed, await rest(stop, 3600)

    assert asyncio.run(work()) == (False, True)
