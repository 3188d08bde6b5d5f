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
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from uuid_utils.compat import uuid7

from tools.bench import figures, http, machine, pgbench, processor, sockets
from tools.bench.groups import Group, Member, seed
from tools.bench.http import read_answer
from tools.bench.vacuum import vacuum_analyze
from tools.local import data_directory, stack

GROUPS, SIZE = 5, 12
WARM_UP, SECONDS, ROUNDS = 2.0, 6.0, 5
GIVE_UP = 30.0
TEXT = "I was tempted. " * 5
Request = Callable[[Group, Member], bytes]


def run() -> list[dict[str, Any]]:
    """Two figures, with everything running: over REST, and over the phone's own /sync/push."""
    environ = {**os.environ, "GRANIAN_WORKERS": "2", "WEB_THREADS": "3"}
    names = ("web", "live", "pump", "worker", "fcm")
    with (
        data_directory.temporary() as directory,
        stack.running(directory, environ=environ, names=names, data=False) as system,
    ):
        groups = seed(system.variables, groups=GROUPS, size=SIZE)
        asyncio.run(_exchange(system, groups, WARM_UP, over_rest))
        vacuum_analyze()
        return [
            _figure("live", system, groups, over_rest, directory.root),
            _figure("live_push", system, groups, Outboxes().over_push, directory.root),
        ]


def _figure(
    name: str, system: stack.Stack, groups: list[Group], request: Request, folder: Path
) -> dict[str, Any]:
    rounds = [_round(system, groups, request, folder) for _ in range(ROUNDS)]
    return figures.line(
        name,
        **figures.medians(rounds, reference=f"pgbench with the same SQL, {GROUPS} connections"),
        note=f"messages delivered to all {SIZE - 1} others, {GROUPS} groups of {SIZE}, one in"
        " flight per group; processor time of every process of the product but the generator",
    )


def _round(
    system: stack.Stack, groups: list[Group], request: Request, folder: Path
) -> dict[str, figures.Value]:
    speed, meter = machine.speed(), processor.Meter(system.running)
    sent = asyncio.run(_exchange(system, groups, SECONDS, request))
    used = meter.millis_each(len(sent.all))
    return {
        "rate": len(sent.measured) / SECONDS,
        "reference": pgbench.rate(groups, folder, seconds=SECONDS / 2),
        **figures.percentiles(sent.measured),
        "processor_ms": used,
        "speed_before": speed,
    }


@dataclass
class Sent:
    """Milliseconds of each message: of all of them, and of those after the warm-up."""

    all: list[float] = field(default_factory=list)
    measured: list[float] = field(default_factory=list)


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


async def _exchange(
    system: stack.Stack, groups: list[Group], seconds: float, request: Request
) -> Sent:
    """Each message is timed from the request to the last member's frame.

    Raises TimeoutError if a frame never arrives.
    """
    sent = Sent()
    async with asyncio.timeout(WARM_UP + seconds + GIVE_UP):
        connected = [await _connect(system.live, group) for group in groups]
        start = time.perf_counter() + WARM_UP
        end = start + seconds
        posting = [_post_in_turn(system.web, each, start, end, request, sent) for each in connected]
        await asyncio.gather(*posting)
    for group_sockets in connected:
        for listener in group_sockets.listeners:
            listener.transport.close()
    return sent


async def _connect(url: str, group: Group) -> GroupSockets:
    connected = GroupSockets(group)
    for index, member in enumerate(group.members):
        hello = json.dumps({"t": "hello", "client_id": member.client_id}).encode()
        on_frame = partial(connected.on_frame, index)
        connected.listeners.append(await sockets.listen(url, member.token, hello, on_frame))
    return connected


async def _post_in_turn(
    web: str, connected: GroupSockets, start: float, end: float, request: Request, sent: Sent
) -> None:
    """The members post one after the other; what is sent before `start` only warms up."""
    address = urlsplit(web)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    author = 0
    while (sent_at := time.perf_counter()) < end:
        connected.expect(author)
        writer.write(request(connected.group, connected.group.members[author]))
        await asyncio.gather(read_answer(reader), connected.complete.wait())
        millis = (time.perf_counter() - sent_at) * 1000
        sent.all.append(millis)
        if sent_at >= start:
            sent.measured.append(millis)
        author = (author + 1) % SIZE
    writer.close()


def over_rest(group: Group, author: Member) -> bytes:
    """The action's own URL."""
    body = json.dumps(_input(group)).encode()
    key = f"Idempotency-Key: {uuid7()}\r\n"
    return http.request("/api/v1/actions/groups.post_message", author.token, body, key)


class Outboxes:
    """The phones' own way: each mutation has the next id of its phone."""

    def __init__(self) -> None:
        self._last: Counter[str] = Counter()

    def over_push(self, group: Group, author: Member) -> bytes:
        self._last[author.client_id] += 1
        mutation = {"id": self._last[author.client_id], "uuid": str(uuid7()), "v": 1}
        mutation |= {"action": "groups.post_message", "args": _input(group)}
        body = {"client_id": author.client_id, "schema": 1, "lane": "main", "mutations": [mutation]}
        return http.request("/api/v1/sync/push", author.token, json.dumps(body).encode())


def _input(group: Group) -> dict[str, str]:
    return {"group": str(group.group_id), "id": str(uuid7()), "text": TEXT}
