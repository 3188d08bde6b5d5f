"""A migration while everything runs, then two releases side by side, then the new one alone."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest
from uuid_utils.compat import uuid7

from tests.faults.invariants import violations
from tests.faults.load import writing
from tests.faults.next_release import as_owner, make_next_release
from tests.faults.report import finding
from tests.faults.stacks import end, make_circle, query, started
from tests.faults.writer import PUSH, Write, Writer
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
PROCESSES = ("web", "live", "pump", "worker")
BESIDE = 5.0  # seconds
NOTES = 20
RECORD = "SELECT id::text FROM recovery_carerecord WHERE user_id = %s"
WROTE = "SELECT count(*) FROM recovery_gratitudenote"


async def read(writer: Writer, home: str) -> None:
    """As a phone that starts from nothing: pull, and ask for a page of history."""
    about = {"client_id": writer.client_id, "schema": 1}
    page = {"scope": f"group:{writer.member.group}", "kind": "message"}
    await writer.ask("/api/v1/sync/pull", about | {"cursor": {}}, home)
    await writer.ask("/api/v1/sync/history", about | page, home)


@asynccontextmanager
async def reading(writers: list[Writer], home: Callable[[], str]) -> AsyncIterator[None]:
    """Everybody reads again and again until the block ends."""
    stop = asyncio.Event()

    async def go_on(writer: Writer) -> None:
        while not stop.is_set():
            await read(writer, home())
            await asyncio.sleep(0.1)

    async with asyncio.TaskGroup() as tasks:
        for writer in writers:
            tasks.create_task(go_on(writer))
        try:
            yield
        finally:
            stop.set()


async def write_notes(servers: Stack, writer: Writer, new: Stack, old: Stack) -> None:
    """Write documents of the new kind in the new release, and read them in both."""
    ((record,),) = query(servers, RECORD, writer.member.user)
    for number in range(NOTES):
        args = {"id": str(uuid7()), "record": record, "text": f"Number {number}"}
        write = Write(number + 1, str(uuid7()), args, "practice.write_gratitude")
        body = {"client_id": writer.client_id, "lane": "urgent", "mutations": [write.mutation()]}
        await writer.ask(PUSH, body, new.web)
        await read(writer, old.web)
        await read(writer, new.web)


async def test_a_migration_under_load_and_two_releases_side_by_side(
    servers: Stack, tmp_path: Path
) -> None:
    circle = make_circle(servers, 4)
    tree = make_next_release(servers, tmp_path)
    with finding("two releases") as record, ExitStack() as exits:
        old = exits.enter_context(started(servers, *PROCESSES))
        homes = itertools.cycle([old.web])
        async with writing(circle, lambda: next(homes)) as writers:
            async with reading(writers, lambda: next(homes)):
                await asyncio.sleep(1)
                for command in ("migrate", "apply_walls"):
                    await asyncio.to_thread(as_owner, servers, tree, command)
                new = exits.enter_context(started(servers, "web", code=tree, wait=False))
                await asyncio.to_thread(new.wait_until_ready)
                homes = itertools.cycle([old.web, new.web])
                await asyncio.sleep(BESIDE)
                await write_notes(servers, writers[1], new, old)
                homes, broken = itertools.cycle([new.web]), list[str]()
                for name in PROCESSES:
                    if name != "web":
                        new.start(name)
                    broken += await end(old, name)
                await asyncio.to_thread(new.wait_until_ready)
                await asyncio.sleep(BESIDE)
        replies = [reply for writer in writers for reply in writer.replies]
        # 0: the connection was open to the old web as it ended. 408: this machine was too busy to
        # send the body in time.
        broken += [str(reply) for reply in replies if reply.status not in (0, 200, 408)]
        # A push whose mutation failed, or had to wait for a lock for two seconds.
        broken += [str(reply) for reply in replies if "stopped" in reply.body]
        broken += violations(servers, circle, writers)
        ((notes,),) = query(servers, WROTE)
        broken += [f"{notes} notes"] if notes != NOTES else []
        record.count, record.violations = 1, len(broken)
        record.figures = {
            "acknowledged": sum(len(writer.acknowledged) for writer in writers),
            "requests": len(replies),
            "requests without an answer": sum(reply.status == 0 for reply in replies),
            "slowest answer, s": round(max(reply.seconds for reply in replies), 1),
        }
    assert broken == []
