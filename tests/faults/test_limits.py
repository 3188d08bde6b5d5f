"""An idle client holds a lock, or all connections are taken. Requests still end in time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import httpx
import psycopg
import pytest

from tests.faults.invariants import violations
from tests.faults.load import writing
from tests.faults.report import finding
from tests.faults.stacks import (
    ASK_FOR_CODE,
    get,
    make_circle,
    manage,
    query,
    seconds_until_healthy,
    started,
    url,
)
from tests.faults.writer import Writer
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
IDLE, STATEMENT, LOCK, HEALTHY, SLACK = 30.0, 5.0, 2.0, 10.0, 4.0  # seconds
CALLERS = 10
ACT_AS = "SELECT set_config('app.user_id', %s, true)"
LOCK_PHONE = "UPDATE recovery_syncclient SET last_seen = last_seen WHERE id = %s"
SLOW = """
import time
from django.db import OperationalError, connection
began = time.monotonic()
try:
    connection.cursor().execute("SELECT pg_sleep(20)")
except OperationalError:
    pass
print(time.monotonic() - began)
"""
# Those of the reserve too, so that it has to connect while everything is taken.
END_WEBS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE usename IN ('app', 'reserve') AND application_name <> 'greedy'
"""
URGENT = 20
CODE_IS_SENT = 401


@contextmanager
def phone_locked(servers: Stack, writer: Writer) -> Iterator[None]:
    """An idle transaction of role `app` that holds the row of the writer's phone."""
    with suppress(psycopg.errors.IdleInTransactionSessionTimeout, psycopg.OperationalError):
        with psycopg.connect(url(servers, "app")) as holder:
            holder.execute(ACT_AS, [writer.member.user])
            assert holder.execute(LOCK_PHONE, [writer.client_id]).rowcount == 1
            yield


async def test_a_lock_held_in_an_idle_transaction_stops_nobody_for_long(servers: Stack) -> None:
    circle = make_circle(servers, 3)
    with finding("idle transaction") as record, started(servers, "web") as stack:
        writer = Writer(circle.members[0], lambda: stack.web)
        await writer.register()
        with phone_locked(servers, writer):
            began = time.monotonic()
            await writer.insist(writer.next_write())
            freed = time.monotonic() - began
        statement = float(manage(stack, "app", "shell", "-v", "0", "-c", SLOW))
        waits = [reply.seconds for reply in writer.replies[1:-1]]
        broken = [f"a request took {s:.1f} s" for s in waits if s > LOCK + SLACK]
        broken += [f"free only after {freed:.1f} s"] if freed > IDLE + SLACK else []
        broken += [f"a statement took {statement:.1f} s"] if statement > STATEMENT + SLACK else []
        broken += violations(servers, circle, [writer])
        await writer.close()
        record.count, record.violations = 2, len(broken)
        record.figures = {
            "lock free after, s": round(freed, 1),
            "longest wait of a request, s": round(max(waits), 1),
            "statement ended after, s": round(statement, 1),
        }
    assert waits
    assert broken == []


@contextmanager
def all_connections_taken(servers: Stack) -> Iterator[int]:
    """Takes every connection that PostgreSQL allows, including web's. Yields how many."""
    with ExitStack() as held:
        taken = _take_all(servers, held)
        query(servers, END_WEBS)
        yield taken + _take_all(servers, held)


def _take_all(servers: Stack, held: ExitStack) -> int:
    taken = 0
    with suppress(psycopg.OperationalError):
        while True:
            held.enter_context(psycopg.connect(url(servers, "app"), application_name="greedy"))
            taken += 1
    return taken


async def served_meanwhile(stack: Stack, writer: Writer) -> list[str]:
    """Ask for help and for a code to sign in, while nobody else has a connection. Returns what
    failed."""
    broken = []
    for number in range(URGENT):
        reply = await writer.push(writer.next_write())
        broken += [] if reply.result() else [f"urgent: {reply}"]
        async with httpx.AsyncClient(timeout=30) as client:
            code = await client.post(
                stack.web + ASK_FOR_CODE, json={"email": f"{number}@example.org"}
            )
        broken += [] if code.status_code == CODE_IS_SENT else [f"sign-in: {code.status_code}"]
    return broken


async def test_every_connection_of_postgresql_is_taken(servers: Stack) -> None:
    circle = make_circle(servers, 4)
    with finding("no connection") as record, started(servers, "web") as stack:
        helped = Writer(circle.members[1], lambda: stack.web, lane="urgent")
        await helped.register()
        async with writing(circle, lambda: stack.web) as writers:
            await asyncio.sleep(1)
            with all_connections_taken(servers) as taken:
                unserved = await served_meanwhile(stack, helped)
                await asyncio.sleep(8)
                ready, alive = await get(stack, "/readyz"), await get(stack, "/healthz")
            seconds = await seconds_until_healthy(stack)
            await asyncio.sleep(1)
        replies = [reply for writer in writers for reply in writer.replies]
        broken = [str(reply) for reply in replies if not reply.is_as_promised()]
        broken += unserved + violations(servers, circle, [*writers, helped])
        await helped.close()
        broken += [f"healthy only after {seconds:.1f} s"] if seconds > HEALTHY else []
        refused = sum(reply.status == 503 for reply in replies)
        record.count, record.violations = 1, len(broken)
        record.figures = {
            "connections held": taken,
            "requests of the reserve served": 2 * URGENT - len(unserved),
            "requests answered 503": refused,
            "slowest answer, s": round(max(reply.seconds for reply in replies), 1),
            "healthy after, s": round(seconds, 1),
        }
    assert (ready, alive) == (503, 200)
    assert refused
    assert broken == []


async def test_a_web_whose_own_pool_is_taken_says_so_and_recovers(servers: Stack) -> None:
    """More concurrent requests than pooled connections, all waiting for one lock."""
    circle = make_circle(servers, 3)
    small = {"DATABASE_POOL": "2", "WEB_THREADS": str(CALLERS)}
    with finding("pool taken") as record, started(servers, "web", **small) as stack:
        writer = Writer(circle.members[0], lambda: stack.web)
        await writer.register()
        write = writer.next_write()
        with phone_locked(servers, writer):
            pushes = [asyncio.create_task(writer.push(write)) for _ in range(CALLERS)]
            alive = await get(stack, "/healthz")
            await asyncio.gather(*pushes)
        await writer.insist(write)
        broken = [str(reply) for reply in writer.replies if not reply.is_as_promised()]
        broken += violations(servers, circle, [writer])
        record.count, record.violations = 1, len(broken)
        refused = sum(reply.status == 503 for reply in writer.replies)
        record.figures = {
            "requests answered 503": refused,
            "slowest answer, s": round(max(reply.seconds for reply in writer.replies), 1),
        }
        await writer.close()
    assert (alive, refused > 0) == (200, True)
    assert broken == []
