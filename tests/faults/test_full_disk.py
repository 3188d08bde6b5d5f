"""The volume of PostgreSQL's data, of its write-ahead log, or of all logs is full, under load."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import psycopg
import pytest
from uuid_utils.compat import uuid7

from clients.phone import Phone
from tests.faults.circle import Circle
from tests.faults.database import Database, database
from tests.faults.invariants import signed_out, violations
from tests.faults.load import converge, phones_of, writing
from tests.faults.outage import outages
from tests.faults.report import finding
from tests.faults.stacks import (
    end,
    ended_early,
    get,
    make_circle,
    manage,
    own_servers,
    query_nothing,
    seconds_until_healthy,
    started,
    url,
)
from tests.faults.volume import megabytes_in, volume
from tests.faults.writer import Writer
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
PROCESSES = ("web", "live", "pump", "worker")
FULL, MARGIN = 15.0, 48  # seconds; megabytes
REFUSED_WITHIN, ENDED_WITHIN, HEALTHY_WITHIN = 120.0, 300.0, 10.0  # seconds
PULL, ACTION = "/api/v1/sync/pull", "/api/v1/actions/groups.post_message"
NOTHING = "/dev/full"  # every write fails as on a full volume


@asynccontextmanager
async def reading(writer: Writer) -> AsyncIterator[list[int]]:
    """Pulls, one after another, as the writer's phone. Yields their statuses."""
    statuses: list[int] = []
    reader = Writer(writer.member, writer.home)
    reader.client_id = writer.client_id

    async def go_on() -> None:
        while True:
            reply = await reader.ask(PULL, {"client_id": reader.client_id})
            statuses.append(reply.status)
            await asyncio.sleep(0.1)

    task = asyncio.create_task(go_on())
    try:
        yield statuses
    finally:
        task.cancel()
        await reader.close()


def refused(writers: list[Writer]) -> list[int]:
    """How many tries of each writer were not taken."""
    return [sum(reply.result() is None for reply in writer.replies[1:]) for writer in writers]


async def until_refused(writers: list[Writer]) -> None:
    """Wait until a write of every member was not taken."""
    async with asyncio.timeout(REFUSED_WITHIN):
        while not all(refused(writers)):
            await asyncio.sleep(0.1)


async def act(writer: Writer) -> httpx.Response:
    """The answer to an action that is not queued, as from a browser."""
    args = {"group": writer.member.group, "id": str(uuid7()), "text": "Not in a queue"}
    headers = writer.member.bearer | {"Idempotency-Key": str(uuid7())}
    async with httpx.AsyncClient(base_url=writer.home(), timeout=30) as client:
        return await client.post(ACTION, json=args, headers=headers)


async def breaches(
    stack: Stack, circle: Circle, writers: list[Writer], phones: list[Phone], healthy: float
) -> list[str]:
    """What was promised and did not hold, once everybody has what was written."""
    await converge(phones, sum(len(writer.writes) for writer in writers))
    replies = [reply for writer in writers for reply in writer.replies]
    broken = violations(stack, circle, writers, phones) + signed_out(phones) + ended_early(stack)
    broken += [str(reply) for reply in replies if not reply.is_as_promised()]
    return broken + ([f"healthy after {healthy:.1f} s"] if healthy > HEALTHY_WITHIN else [])


async def test_the_volume_of_the_data_is_full() -> None:
    with own_servers() as servers, database(servers) as postgres:
        circle = make_circle(servers, 4)
        manage(servers, "jobs", "rebuild_feed")
        postgres.stop()
        log = servers.directory.folder("log-volume")
        postgres.move("pg_wal", log)
        place, size = servers.directory.root / "data-volume", megabytes_in(postgres.data)
        with volume(place, servers.directory.account, size + MARGIN) as disk:
            postgres.move("", place)
            postgres.start()
            await postgres.answers()
            with finding("data volume full") as record, started(servers, *PROCESSES) as stack:
                async with phones_of(circle, stack) as phones:
                    async with writing(circle, lambda: stack.web) as writers:
                        await asyncio.sleep(1)
                        disk.fill()
                        await until_refused(writers)
                        # A patient: what staff read must be noted, so it is refused.
                        async with reading(writers[1]) as reads:
                            await asyncio.sleep(FULL)
                            online = await act(writers[0])
                        ready = await get(stack, "/readyz"), await get(stack, "/healthz")
                        disk.make_room()
                        healthy = await seconds_until_healthy(stack)
                    broken = await breaches(stack, circle, writers, phones, healthy)
                broken += [f"a pull was answered {status}" for status in reads if status != 200]
                manage(servers, "jobs", "verify_feed")
                record.count, record.violations = 1, len(broken)
                record.figures = {
                    "acknowledged": sum(len(writer.acknowledged) for writer in writers),
                    "tries not taken": sum(refused(writers)),
                    "pulls meanwhile, all answered": len(reads),
                    "healthy after, s": round(healthy, 1),
                }
            postgres.stop()
    assert broken == []
    assert ready == (200, 200)
    assert (online.status_code, online.headers["Retry-After"]) == (503, "2")
    assert reads


async def crash_of(postgres: Database) -> None:
    """Write log until the volume has no room for it and PostgreSQL ends."""
    async with asyncio.timeout(ENDED_WITHIN):
        while postgres.process.poll() is None:
            with suppress(psycopg.OperationalError):
                # A segment of 16 MB each time.
                with psycopg.connect(url(postgres.stack), autocommit=True) as connection:
                    while True:
                        connection.execute("SELECT pg_logical_emit_message(false, 'filler', '')")
                        connection.execute("SELECT pg_switch_wal()")
            await asyncio.sleep(0.1)


async def test_the_volume_of_the_log_is_full() -> None:
    with own_servers() as servers, database(servers) as postgres:
        circle = make_circle(servers, 4)
        manage(servers, "jobs", "rebuild_feed")
        postgres.stop()
        place, size = servers.directory.root / "log-volume", megabytes_in(postgres.data / "pg_wal")
        with volume(place, servers.directory.account, size + MARGIN) as disk:
            postgres.move("pg_wal", place)
            postgres.start()
            await postgres.answers()
            with finding("log volume full") as record, started(servers, *PROCESSES) as stack:
                async with phones_of(circle, stack) as phones:
                    async with writing(circle, lambda: stack.web) as writers:
                        await asyncio.sleep(1)
                        disk.fill()
                        await crash_of(postgres)
                        began = time.monotonic()
                        ready = await get(stack, "/readyz"), await get(stack, "/healthz")
                        await asyncio.sleep(FULL)
                        disk.make_room()
                        postgres.start()
                        await postgres.answers()
                        away = time.monotonic() - began
                        healthy = await seconds_until_healthy(stack)
                    broken = await breaches(stack, circle, writers, phones, healthy)
                manage(servers, "jobs", "verify_feed")
                record.count, record.violations = 1, len(broken)
                record.figures = {
                    "acknowledged": sum(len(writer.acknowledged) for writer in writers),
                    "tries not taken": sum(refused(writers)),
                    "PostgreSQL away, s": round(away, 1),
                    "healthy after, s": round(healthy, 1),
                }
            postgres.stop()
    assert broken == []
    assert ready == (503, 200)


async def test_the_volume_of_all_logs_is_full() -> None:
    with own_servers() as servers, database(servers) as postgres, outages(servers) as outage:
        circle = make_circle(servers, 4)
        for name in (*PROCESSES, "postgres-again"):
            (servers.directory.root / f"{name}.log").symlink_to(NOTHING)
        query_nothing(servers, "ALTER SYSTEM SET log_statement = 'all'")
        postgres.restart()
        await postgres.answers()
        with finding("logs full") as record, started(servers, *PROCESSES) as stack:
            async with phones_of(circle, stack) as phones:
                async with writing(circle, lambda: stack.web) as writers:
                    await asyncio.sleep(1)
                    # Every process has something to say about it.
                    outage.begin()
                    await asyncio.sleep(FULL)
                    outage.end()
                    await outage.is_over()
                await converge(phones, sum(len(writer.writes) for writer in writers))
                broken = violations(servers, circle, writers, phones)
            broken += signed_out(phones)
            replies = [reply for writer in writers for reply in writer.replies]
            broken += [str(reply) for reply in replies if reply.status != 200]
            broken += ended_early(stack)
            for name in PROCESSES:
                broken += await end(stack, name)
            record.count, record.violations = len(PROCESSES) + 1, len(broken)
            record.figures = {
                "acknowledged": sum(len(writer.acknowledged) for writer in writers),
                "slowest answer, s": round(max(reply.seconds for reply in replies), 1),
            }
    assert broken == []
