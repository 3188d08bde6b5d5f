"""A release under load: a new process starts beside each old one, which then gets SIGTERM."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, ExitStack

import pytest

from tests.faults.invariants import violations
from tests.faults.listener import Listener, listen
from tests.faults.load import writing
from tests.faults.report import finding
from tests.faults.stacks import end, make_circle, started
from tests.faults.writer import Writer
from tools.local.stack import Stack, listens

pytestmark = pytest.mark.soak
RELEASES = 3
SOCKETS = 40


class Front:
    """A proxy's role: it points to the newest web. `releases` holds the running ones."""

    def __init__(self, servers: Stack, releases: ExitStack) -> None:
        self.servers, self.releases = servers, releases
        self.stack = releases.enter_context(started(servers, "web"))

    def home(self) -> str:
        return self.stack.web

    async def release(self) -> list[str]:
        new = self.releases.enter_context(started(self.servers, "web", wait=False))
        while not listens(new.ports["web"]):
            await asyncio.sleep(0.05)
        old, self.stack = self.stack, new
        return await end(old, "web")


async def sockets(stack: Stack, writers: list[Writer], exits: AsyncExitStack) -> list[Listener]:
    """Sockets of many phones of the same people."""
    listeners = []
    for number in range(SOCKETS):
        writer = Writer(writers[number % len(writers)].member, writers[0].home)
        exits.push_async_callback(writer.close)
        await writer.register()
        listeners.append(await listen(stack.live, writer.member, writer.client_id))
    return listeners


async def test_processes_end_in_good_order_under_load(servers: Stack) -> None:
    circle = make_circle(servers, 4)
    with finding("release") as record, ExitStack() as releases:
        front = Front(servers, releases)
        others = releases.enter_context(started(servers, "live", "pump", "worker"))
        async with writing(circle, front.home) as writers, AsyncExitStack() as phones:
            listeners = await sockets(others, writers, phones)
            broken = [line for _ in range(RELEASES) for line in await front.release()]
            for name in ("live", "pump", "worker"):
                broken += await end(others, name)
            await asyncio.gather(*(listener.task for listener in listeners))
        broken += [f"closed with {e.closed_with}" for e in listeners if e.closed_with != 1012]
        replies = [reply for writer in writers for reply in writer.replies]
        broken += [str(reply) for reply in replies if reply.status not in (0, 200, 503)]
        broken += violations(servers, circle, writers)
        record.count, record.violations = RELEASES + 3, len(broken)
        record.figures = {
            "acknowledged": sum(len(writer.acknowledged) for writer in writers),
            "requests without an answer": sum(reply.status == 0 for reply in replies),
            "sockets closed with 1012": len(listeners),
        }
    assert broken == []
