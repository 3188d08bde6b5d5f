"""Stop Valkey and start it again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from tests.faults.stacks import GIVE_UP
from tools.local import valkey
from tools.local.stack import Stack


class Outage:
    """The Valkey of a stack, a child process of it."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.process = stack, stack.running["valkey"]

    def begin(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        self.process = valkey.start(self.stack.directory)

    @property
    def url(self) -> str:
        return self.stack.variables["VALKEY_URL"]

    def forget_everything(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    async def is_over(self) -> None:
        async with asyncio.timeout(GIVE_UP):
            while not valkey.answers(self.url):
                await asyncio.sleep(0.02)


@contextmanager
def outages(stack: Stack) -> Iterator[Outage]:
    """A Valkey to stop and start. It runs again after the block."""
    outage = Outage(stack)
    try:
        yield outage
    finally:
        if outage.process.poll() is not None:
            outage.end()
        stack.running["valkey"] = outage.process
