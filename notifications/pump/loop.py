"""Going round: look for what is due, visit those buckets, rest when there is nothing."""

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


class Lane(Protocol):
    """One kind of outgoing thing, with its own connections. `width`: buckets visited at once."""

    name: str
    width: int
    stopping: bool
    counts: Counter[str]

    async def due_buckets(self) -> list[int]: ...

    async def visit(self, bucket: int) -> None: ...


async def run(lane: Lane, stop: asyncio.Event) -> None:
    """Go round until `stop`; then what was begun is ended and the rest is given back."""
    ending = asyncio.create_task(_pass_on(stop, lane))
    while not stop.is_set():
        try:
            busy = await one_pass(lane)
            seconds = 0.0 if busy else POLL * random.uniform(0.5, 1.5)  # noqa: S311  # spread
        except psycopg.Error as error:
            log.warning("pump.database_away", lane=lane.name, error=type(error).__name__)
            seconds = DATABASE_AWAY
        await rest(stop, seconds)
    await ending


async def one_pass(lane: Lane) -> bool:
    """Visit every bucket with something due once, in no particular order, so that pumps beside
    each other meet rarely. Answers whether there was any."""
    buckets = await lane.due_buckets()
    random.shuffle(buckets)
    waiting = iter(buckets)

    async def walk() -> None:
        for bucket in waiting:
            if lane.stopping:
                return
            await _visit(lane, bucket)

    await asyncio.gather(*(walk() for _ in range(lane.width)))
    _report(lane)
    return bool(buckets)


async def _visit(lane: Lane, bucket: int) -> None:
    """A visit cut short by the database loses nothing: its leases run out."""
    try:
        await lane.visit(bucket)
    except psycopg.Error as error:
        log.warning("pump.visit_failed", lane=lane.name, error=type(error).__name__)


async def _pass_on(stop: asyncio.Event, lane: Lane) -> None:
    await stop.wait()
    lane.stopping = True


async def rest(stop: asyncio.Event, seconds: float) -> bool:
    """Wait, but not beyond `stop`; answers whether it is set."""
    if seconds:
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()


def _report(lane: Lane) -> None:
    counts = {name: n for name, n in lane.counts.items() if n}
    lane.counts.clear()
    if counts:
        log.info("pump.pass", lane=lane.name, **counts)
