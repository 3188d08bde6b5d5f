"""Live messages in groups: five groups of twelve, one message in flight per group.

A message counts as delivered when the other eleven members have its frame. It is posted over HTTP
with a real token to the real web process, and the frames arrive from the real live process. The
reference in the same run is pgbench with the same SQL statements, one connection per group.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

from uuid_utils.compat import uuid7

from tools.bench import machine, pgbench, sockets
from tools.bench.groups import Group, Member, seed
from tools.bench.http import read_answer
from tools.bench.vacuum import vacuum_analyze
from tools.local import data_directory, stack

GROUPS, SIZE = 5, 12
WARM_UP, SECONDS, RUNS = 2.0, 8.0, 4
GIVE_UP = 30.0
TEXT = "I was tempted. " * 5


def run() -> dict[str, Any]:
    environ = {**os.environ, "GRANIAN_WORKERS": "2", "GRANIAN_BLOCKING_THREADS": "3"}
    with (
        data_directory.temporary() as directory,
        stack.running(directory, environ=environ, names=("web", "live"), data=False) as system,
    ):
        groups = seed(system.variables, groups=GROUPS, size=SIZE)
        asyncio.run(_exchange(system, groups, WARM_UP))
        vacuum_analyze()
        runs = [_run_once(system, groups, directory.root) for _ in range(RUNS)]
    best = max((millis for _, millis, _ in runs), key=len)
    rate, reference = len(best) / SECONDS, max(each for _, _, each in runs)
    cuts = quantiles(best, n=100)
    return {
        "bench": "live",
        "rate": round(rate),
        "reference": {
            "name": f"pgbench with the same SQL, {GROUPS} connections",
            "rate": round(reference),
        },
        "ratio": round(rate / reference, 2),
        "p50_ms": round(cuts[49], 1),
        "p99_ms": round(cuts[98], 1),
        "n": len(best),
        "speed_and_rate": [[speed, round(len(millis) / SECONDS)] for speed, millis, _ in runs],
        "cores": os.cpu_count(),
        "note": f"messages delivered to all {SIZE - 1} others, {GROUPS} groups of {SIZE}, one in"
        " flight per group, load generator on the same cores",
    }


def _run_once(
    system: stack.Stack, groups: list[Group], folder: Path
) -> tuple[int, list[float], float]:
    """Return the machine's speed just before, the milliseconds per message and pgbench's rate."""
    speed, millis = machine.speed(), asyncio.run(_exchange(system, groups, SECONDS))
    return speed, millis, pgbench.rate(groups, folder, seconds=SECONDS / 2)


@dataclass
class GroupSockets:
    """One group's sockets, and which of them still lack the frame of the message in flight."""

    group: Group
    listeners: list[sockets.Listener] = field(default_factory=list)
    missing: set[int] = field(default_factory=set)
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    def on_frame(self, index: int, frame: bytes) -> None:
        if frame.startswith(b'{"t":"c"'):  # a change, not a heartbeat
            self.missing.discard(index)
            if not self.missing:
                self.complete.set()

    def expect(self, author: int) -> None:
        self.missing = set(range(len(self.group.members))) - {author}
        self.complete.clear()


async def _exchange(system: stack.Stack, groups: list[Group], seconds: float) -> list[float]:
    """Return the milliseconds of each message, from the request to the last member's frame.

    Raises TimeoutError if a frame never arrives.
    """
    async with asyncio.timeout(WARM_UP + seconds + GIVE_UP):
        connected = [await _connect(system.live, group) for group in groups]
        start = time.perf_counter() + WARM_UP
        posting = [_post_in_turn(system.web, each, start, start + seconds) for each in connected]
        millis = await asyncio.gather(*posting)
    for group_sockets in connected:
        for listener in group_sockets.listeners:
            listener.transport.close()
    return [each for of_group in millis for each in of_group]


async def _connect(url: str, group: Group) -> GroupSockets:
    connected = GroupSockets(group)
    for index, member in enumerate(group.members):
        hello = json.dumps({"t": "hello", "client_id": member.client_id}).encode()
        on_frame = partial(connected.on_frame, index)
        connected.listeners.append(await sockets.listen(url, member.token, hello, on_frame))
    return connected


async def _post_in_turn(web: str, connected: GroupSockets, start: float, end: float) -> list[float]:
    """The members post one after the other; what is sent before `start` only warms up."""
    address = urlsplit(web)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    millis: list[float] = []
    author = 0
    while (sent_at := time.perf_counter()) < end:
        connected.expect(author)
        writer.write(_request(connected.group, connected.group.members[author]))
        await asyncio.gather(read_answer(reader), connected.complete.wait())
        if sent_at >= start:
            millis.append((time.perf_counter() - sent_at) * 1000)
        author = (author + 1) % SIZE
    writer.close()
    return millis


def _request(group: Group, author: Member) -> bytes:
    body = json.dumps({"group": str(group.group_id), "id": str(uuid7()), "text": TEXT}).encode()
    return (
        f"POST /api/v1/actions/groups.post_message HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {author.token}\r\nIdempotency-Key: {uuid7()}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
