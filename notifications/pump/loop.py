"""The pump's main loop: poll for buckets with due rows, visit them, sleep if there are none."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from typing import Protocol

import psycopg
import structlog

POLL = 0.5
DATABASE_AWAY = 2.0

log = structlog.get_logger()


class Channel(Protocol):
    """Pushes or e-mails, each with connections of its own. `width`: buckets visited at once."""

    name: str
    width: int
    stopping: bool
    counts: Counter[str]

    async def due_buckets(self) -> list[int]: ...

    async def visit(self, bucket: int) -> None: ...


async def run(channel: Channel, stop: asyncio.Event) -> None:
    """Run until `stop`. Then finish what is being sent and release the other claimed rows."""
    stopper = asyncio.create_task(_set_stopping(stop, channel))
    while not stop.is_set():
        try:
            busy = await one_pass(channel)
            seconds = 0.0 if busy else POLL * random.uniform(0.5, 1.5)  # noqa: S311  # spread
        except psycopg.Error as error:
            log.warning("pump.database_away", channel=channel.name, error=type(error).__name__)
            seconds = DATABASE_AWAY
        await rest(stop, seconds)
    await stopper


async def one_pass(channel: Channel) -> bool:
    """Visit each bucket with due rows once. Returns whether there were any.

    The order is random, so that parallel pumps rarely meet in a bucket.
    """
    buckets = await channel.due_buckets()
    random.shuffle(buckets)
    waiting = iter(buckets)

    async def worker() -> None:
        for bucket in waiting:
            if channel.stopping:
                return
            try:
                await channel.visit(bucket)
            except psycopg.Error as error:
                # Nothing is lost: the leases of this visit run out and the rows are due again.
                log.warning("pump.visit_failed", channel=channel.name, error=type(error).__name__)

    await asyncio.gather(*(worker() for _ in range(channel.width)))
    _report(channel)
    return bool(buckets)


async def _set_stopping(stop: asyncio.Event, channel: Channel) -> None:
    await stop.wait()
    channel.stopping = True


async def rest(stop: asyncio.Event, seconds: float) -> bool:
    """Sleep until `seconds` have passed or `stop` is set. Returns whether it is set."""
    if seconds:
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()


def _report(channel: Channel) -> None:
    counts = {name: n for name, n in channel.counts.items() if n}
    channel.counts.clear()
    if counts:
        log.info("pump.pass", channel=channel.name, **counts)
