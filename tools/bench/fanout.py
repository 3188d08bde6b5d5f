"""A thousand sockets in groups of twelve on one live process: deliveries and memory.

Frames are put on the channels as the web processes put them there, a batch for every group at
once, the next when all have arrived. Beside it in the same run, one Channels consumer a socket.
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
from tools.bench.circles import Circle, Member
from tools.bench.crowd import seed
from tools.local import place, processes, stack

CIRCLES, SIZE, SECONDS = 84, 12, 5.0
FRAME = '{"t":"c","s":"group:g","from":1,"to":2,"put":[["message","%s",2,{"text":"%s"}]],"del":[]}'
FRAME = FRAME % ("018f0000-0000-7000-8000-000000000001", "x" * 180)
AT_ONCE = 20
Publish = Callable[[Circle], Awaitable[object]]
Hello = Callable[[Circle, Member], bytes]


@dataclass(frozen=True)
class Found:
    """Deliveries per second of the process's own CPU, kilobytes a socket, and millis a batch."""

    per_core_second: float
    kilobytes: float
    millis: list[float]


def run() -> dict[str, Any]:
    with (
        place.temporary() as held,
        stack.running(held, names=("live",), data=False) as house,
    ):
        circles = seed(house.variables, circles=CIRCLES, size=SIZE)
        url = house.variables["VALKEY_URL"]
        ours = asyncio.run(_of_the_hub(house, url, circles))
        with _consumers(house) as (address, process):
            theirs = asyncio.run(_of_consumers(address, process, url, circles))
    cuts = quantiles(ours.millis, n=100)
    return {
        "bench": "fanout",
        "rate": round(ours.per_core_second),
        "reference": {
            "name": "a Channels consumer a socket",
            "rate": round(theirs.per_core_second),
        },
        "ratio": round(ours.per_core_second / theirs.per_core_second, 1),
        "p50_ms": round(cuts[49], 1),
        "p99_ms": round(cuts[98], 1),
        "n": len(ours.millis) * CIRCLES * SIZE,
        "cores": os.cpu_count(),
        "note": f"deliveries per second of the process's CPU, {CIRCLES * SIZE} sockets in groups of"
        f" {SIZE}, {len(FRAME)} bytes; {ours.kilobytes:.0f} KB a socket (consumers"
        f" {theirs.kilobytes:.0f}); p50 and p99 of a batch for all of them",
    }


async def _of_the_hub(house: stack.Stack, url: str, circles: list[Circle]) -> Found:
    async with Redis.from_url(url) as valkey:
        return await _measure(
            house.live,
            house.running["live"].pid,
            circles,
            lambda circle: valkey.publish(f"scope.{circle.group_id}", f"c 1 - 0 {FRAME}"),
            lambda _, member: f'{{"t":"hello","client_id":"{member.client_id}"}}'.encode(),
        )


async def _of_consumers(address: str, process: int, url: str, circles: list[Circle]) -> Found:
    layer = RedisPubSubChannelLayer(hosts=[url])
    return await _measure(
        address,
        process,
        circles,
        lambda circle: layer.group_send(f"g{circle.group_id}", {"type": "frame", "text": FRAME}),
        lambda circle, _: f"g{circle.group_id}".encode(),
    )


async def _measure(
    address: str, pid: int, circles: list[Circle], publish: Publish, hello: Hello
) -> Found:
    process = psutil.Process(pid)
    empty = process.memory_info().rss
    crowd = Crowd(CIRCLES * SIZE)
    pairs = [(circle, member) for circle in circles for member in circle.members]
    for n in range(0, len(pairs), AT_ONCE):
        await asyncio.gather(
            *(crowd.seat(address, m, hello(c, m)) for c, m in pairs[n : n + AT_ONCE])
        )
    kilobytes = (process.memory_info().rss - empty) / len(pairs) / 1024
    await crowd.batch(publish, circles)
    before, millis = sum(process.cpu_times()[:2]), []
    until = time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        millis.append(await crowd.batch(publish, circles))
    used = sum(process.cpu_times()[:2]) - before
    crowd.leave()
    return Found(len(millis) * len(pairs) / used, kilobytes, millis)


class Crowd:
    """All the sockets, and how many frames of the batch are still to come."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.missing = 0
        self.complete = asyncio.Event()
        self.listeners: list[sockets.Listener] = []

    async def seat(self, address: str, member: Member, hello: bytes) -> None:
        listener = await sockets.listen(address, member.token, hello, self.hear)
        self.listeners.append(listener)

    def hear(self, frame: bytes) -> None:
        if len(frame) == len(FRAME):
            self.missing -= 1
            if not self.missing:
                self.complete.set()

    async def batch(self, publish: Publish, circles: list[Circle]) -> float:
        """The milliseconds until every socket has its frame."""
        self.missing = self.size
        self.complete.clear()
        begun = time.perf_counter()
        for circle in circles:
            await publish(circle)
        async with asyncio.timeout(30):
            await self.complete.wait()
        return (time.perf_counter() - begun) * 1000

    def leave(self) -> None:
        for listener in self.listeners:
            listener.transport.close()


@contextmanager
def _consumers(house: stack.Stack) -> Iterator[tuple[str, int]]:
    port = place.free_port()
    log = house.place.root / "consumers.log"
    command = stack.procfile()["live"].replace("server.asgi", "tools.bench.consumer")
    command = command.replace("--lifespan on", "--lifespan off")
    server = processes.start_process(
        command.split(),
        log=log,
        cwd=place.CHECKOUT,
        env=house.environment() | {"UVICORN_PORT": str(port)},
    )
    try:
        processes.wait_until(lambda: stack.listens(port), server, log)
        yield f"ws://127.0.0.1:{port}/ws/v1/live", server.pid
    finally:
        processes.stop(server)
