"""Messages to everybody else in the group: five groups of twelve, one message in flight each.

A message counts when all eleven others have its frame. It is posted over HTTP with a real token
to the real web process and comes back over the real live process. Beside it in the same run,
pgbench with the same SQL statements on as many connections as there are groups.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

from uuid_utils.compat import uuid7

from tools.bench import machine, replay, sockets
from tools.bench.circles import Circle, Member, seed
from tools.bench.http import read_answer
from tools.bench.settle import settle
from tools.local import place, stack

CIRCLES, SIZE = 5, 12
WARM_UP, SECONDS, ROUNDS = 2.0, 8.0, 4
GIVE_UP = 30.0
TEXT = "I was tempted. " * 5


def run() -> dict[str, Any]:
    given = {**os.environ, "GRANIAN_WORKERS": "2", "GRANIAN_BLOCKING_THREADS": "3"}
    with (
        place.temporary() as held,
        stack.running(held, given=given, names=("web", "live"), data=False) as house,
    ):
        circles = seed(house.variables, circles=CIRCLES, size=SIZE)
        asyncio.run(_talk(house, circles, WARM_UP))
        settle()
        rounds = [_round(house, circles, held.root) for _ in range(ROUNDS)]
    best = max((millis for _, millis, _ in rounds), key=len)
    rate, reference = len(best) / SECONDS, max(each for _, _, each in rounds)
    cuts = quantiles(best, n=100)
    return {
        "bench": "live",
        "rate": round(rate),
        "reference": {
            "name": f"pgbench with the same SQL, {CIRCLES} connections",
            "rate": round(reference),
        },
        "ratio": round(rate / reference, 2),
        "p50_ms": round(cuts[49], 1),
        "p99_ms": round(cuts[98], 1),
        "n": len(best),
        "speed_and_rate": [[speed, round(len(millis) / SECONDS)] for speed, millis, _ in rounds],
        "cores": os.cpu_count(),
        "note": f"messages delivered to all {SIZE - 1} others, {CIRCLES} groups of {SIZE}, one in"
        " flight a group, load generator on the same cores",
    }


def _round(
    house: stack.Stack, circles: list[Circle], folder: Path
) -> tuple[int, list[float], float]:
    """The machine's speed just before, milliseconds of each message, and pgbench's rate."""
    speed, millis = machine.speed(), asyncio.run(_talk(house, circles, SECONDS))
    return speed, millis, replay.rate(circles, folder, seconds=SECONDS / 2)


@dataclass
class Table:
    """One group's sockets and what is still missing of the message in flight."""

    circle: Circle
    listeners: list[sockets.Listener] = field(default_factory=list)
    missing: set[int] = field(default_factory=set)
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, seat: int, frame: bytes) -> None:
        if frame.startswith(b'{"t":"c"'):
            self.missing.discard(seat)
            if not self.missing:
                self.complete.set()

    def expect(self, author: int) -> None:
        self.missing = set(range(len(self.circle.members))) - {author}
        self.complete.clear()


async def _talk(house: stack.Stack, circles: list[Circle], seconds: float) -> list[float]:
    """Milliseconds from asking to the last of the others having the frame, for each message.

    TimeoutError: a frame never came.
    """
    async with asyncio.timeout(WARM_UP + seconds + GIVE_UP):
        tables = [await _table(house.live, circle) for circle in circles]
        start = time.perf_counter() + WARM_UP
        talks = [_converse(house.web, table, start, start + seconds) for table in tables]
        found = await asyncio.gather(*talks)
    for table in tables:
        for listener in table.listeners:
            listener.transport.close()
    return [millis for each in found for millis in each]


async def _table(url: str, circle: Circle) -> Table:
    table = Table(circle)
    table.listeners = [await _seat(url, table, seat) for seat in range(len(circle.members))]
    return table


async def _seat(url: str, table: Table, seat: int) -> sockets.Listener:
    member = table.circle.members[seat]
    hello = json.dumps({"t": "hello", "client_id": member.client_id}).encode()
    return await sockets.listen(url, member.token, hello, lambda frame: table.hear(seat, frame))


async def _converse(web: str, table: Table, start: float, end: float) -> list[float]:
    where = urlsplit(web)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    millis: list[float] = []
    author = 0
    while (asked := time.perf_counter()) < end:
        table.expect(author)
        writer.write(_request(table.circle, table.circle.members[author]))
        await asyncio.gather(read_answer(reader), table.complete.wait())
        if asked >= start:
            millis.append((time.perf_counter() - asked) * 1000)
        author = (author + 1) % SIZE
    writer.close()
    return millis


def _request(circle: Circle, author: Member) -> bytes:
    body = json.dumps({"group": str(circle.group_id), "id": str(uuid7()), "text": TEXT}).encode()
    return (
        f"POST /api/v1/actions/groups.post_message HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {author.token}\r\nIdempotency-Key: {uuid7()}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
