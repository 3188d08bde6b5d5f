"""A thousand sockets in groups of twelve on one live process: deliveries and memory.

Frames are published as the web processes publish them. A batch is one frame for every group, and
the next batch starts when all frames of the last have arrived. The reference in the same run is
one Channels consumer per socket.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

import psutil
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.asyncio import Redis

from tools.bench import sockets
from tools.bench.bulk_groups import seed
from tools.bench.groups import Group, Member
from tools.local import data_directory, processes, stack

GROUPS, SIZE, SECONDS = 84, 12, 5.0
FRAME = '{"t":"c","s":"group:g","from":1,"to":2,"put":[["message","%s",2,{"text":"%s"}]],"del":[]}'
FRAME = FRAME % ("018f0000-0000-7000-8000-000000000001", "x" * 180)
AT_ONCE = 20
Publish = Callable[[Group], Awaitable[object]]
Hello = Callable[[Group, Member], bytes]


@dataclass(frozen=True)
class Measured:
    """Deliveries per CPU second of the server, kilobytes per socket, milliseconds per batch."""

    per_core_second: float
    kilobytes: float
    millis: list[float]


def run() -> dict[str, Any]:
    with (
        data_directory.temporary() as directory,
        stack.running(directory, names=("live",), data=False) as system,
    ):
        groups = seed(system.variables, groups=GROUPS, size=SIZE)
        url = system.variables["VALKEY_URL"]
        ours = asyncio.run(_of_the_hub(system, url, groups))
        with _consumers(system) as (address, process):
            theirs = asyncio.run(_of_consumers(address, process, url, groups))
    cuts = quantiles(ours.millis, n=100)
    return {
        "bench": "fanout",
        "rate": round(ours.per_core_second),
        "reference": {
            "name": "a Channels consumer per socket",
            "rate": round(theirs.per_core_second),
        },
        "ratio": round(ours.per_core_second / theirs.per_core_second, 1),
        "p50_ms": round(cuts[49], 1),
        "p99_ms": round(cuts[98], 1),
        "n": len(ours.millis) * GROUPS * SIZE,
        "cores": os.cpu_count(),
        "note": f"deliveries per CPU second of the process, {GROUPS * SIZE} sockets in groups of"
        f" {SIZE}, {len(FRAME)} bytes; {ours.kilobytes:.0f} KB per socket (consumers"
        f" {theirs.kilobytes:.0f}); p50 and p99 of a batch for all of them",
    }


async def _of_the_hub(system: stack.Stack, url: str, groups: list[Group]) -> Measured:
    async with Redis.from_url(url) as valkey:
        return await _measure(
            system.live,
            system.running["live"].pid,
            groups,
            lambda group: valkey.publish(f"scope.{group.group_id}", f"c 1 - 0 {FRAME}"),
            lambda _, member: f'{{"t":"hello","client_id":"{member.client_id}"}}'.encode(),
        )


async def _of_consumers(address: str, process: int, url: str, groups: list[Group]) -> Measured:
    layer = RedisPubSubChannelLayer(hosts=[url])
    return await _measure(
        address,
        process,
        groups,
        lambda group: layer.group_send(f"g{group.group_id}", {"type": "frame", "text": FRAME}),
        lambda group, _: f"g{group.group_id}".encode(),
    )


async def _measure(
    address: str, pid: int, groups: list[Group], publish: Publish, hello: Hello
) -> Measured:
    process = psutil.Process(pid)
    empty = process.memory_info().rss
    crowd = Crowd(GROUPS * SIZE)
    pairs = [(group, member) for group in groups for member in group.members]
    for n in range(0, len(pairs), AT_ONCE):
        await asyncio.gather(
            *(crowd.connect(address, m, hello(c, m)) for c, m in pairs[n : n + AT_ONCE])
        )
    kilobytes = (process.memory_info().rss - empty) / len(pairs) / 1024
    await crowd.batch(publish, groups)
    before, millis = sum(process.cpu_times()[:2]), []
    until = time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        millis.append(await crowd.batch(publish, groups))
    used = sum(process.cpu_times()[:2]) - before
    crowd.leave()
    return Measured(len(millis) * len(pairs) / used, kilobytes, millis)


class Crowd:
    """All sockets, and how many frames of the current batch are still missing."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.missing = 0
        self.complete = asyncio.Event()
        self.listeners: list[sockets.Listener] = []

    async def connect(self, address: str, member: Member, hello: bytes) -> None:
        listener = await sockets.listen(address, member.token, hello, self.on_frame)
        self.listeners.append(listener)

    def on_frame(self, frame: bytes) -> None:
        if len(frame) == len(FRAME):
            self.missing -= 1
            if not self.missing:
                self.complete.set()

    async def batch(self, publish: Publish, groups: list[Group]) -> float:
        """Publish one frame per group; return the milliseconds until every socket has its frame."""
        self.missing = self.size
        self.complete.clear()
        start = time.perf_counter()
        for group in groups:
            await publish(group)
        async with asyncio.timeout(30):
            await self.complete.wait()
        return (time.perf_counter() - start) * 1000

    def leave(self) -> None:
        for listener in self.listeners:
            listener.transport.close()


@contextmanager
def _consumers(system: stack.Stack) -> Iterator[tuple[str, int]]:
    port = data_directory.free_port()
    log = system.directory.root / "consumers.log"
    command = stack.procfile()["live"].replace("server.asgi", "tools.bench.channels_consumer")
    command = command.replace("--lifespan on", "--lifespan off")
    server = processes.start_process(
        command.split(),
        log=log,
        cwd=data_directory.CHECKOUT,
        env=system.environment() | {"UVICORN_PORT": str(port)},
    )
    try:
        processes.wait_until(lambda: stack.listens(port), server, log)
        yield f"ws://127.0.0.1:{port}/ws/v1/live", server.pid
    finally:
        processes.stop(server)
