"""A thousand sockets in groups of twelve on one live process: deliveries and memory.

Frames are published as the web processes publish them. A batch is one frame for every group, and
the next batch starts when all frames of the last have arrived. The reference, in turn with it, is
one Channels consumer per socket, which checks no one's access.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.asyncio import Redis

from tools.bench import figures, sockets
from tools.bench.bulk_groups import seed
from tools.bench.groups import Group, Member
from tools.local import data_directory, processes, stack

GROUPS, SIZE = 84, 12
ROUNDS, SECONDS = 5, 2.0
FRAME = '{"t":"c","s":"group:g","from":1,"to":2,"put":[["message","%s",2,{"text":"%s"}]],"del":[]}'
FRAME = FRAME % ("018f0000-0000-7000-8000-000000000001", "x" * 180)
AT_ONCE = 20
Publish = Callable[[Group], Awaitable[object]]
Hello = Callable[[Group, Member], bytes]


def run() -> list[dict[str, Any]]:
    with (
        data_directory.temporary() as directory,
        stack.running(directory, names=("live",), data=False) as system,
    ):
        groups = seed(system.variables, groups=GROUPS, size=SIZE)
        with _consumers(system) as (address, pid):
            return [asyncio.run(_compare(system, groups, address, pid))]


async def _compare(
    system: stack.Stack, groups: list[Group], address: str, pid: int
) -> dict[str, Any]:
    """Connect to both servers, then load them in turn."""
    url = system.variables["VALKEY_URL"]
    layer = RedisPubSubChannelLayer(hosts=[url])
    async with Redis.from_url(url) as valkey:
        ours = Crowd(
            system.running["live"].pid,
            lambda group: valkey.publish(f"scope.{group.group_id}", f"c 1 - 0 {FRAME}"),
        )
        theirs = Crowd(
            pid,
            lambda group: layer.group_send(f"g{group.group_id}", {"type": "frame", "text": FRAME}),
        )
        await ours.connect(
            system.live,
            groups,
            lambda _, member: f'{{"t":"hello","client_id":"{member.client_id}"}}'.encode(),
        )
        await theirs.connect(address, groups, lambda group, _: f"g{group.group_id}".encode())
        rounds = []
        for _ in range(ROUNDS):
            rate, millis = await ours.measure(groups)
            reference, _ = await theirs.measure(groups)
            rates = {"rate": rate, "reference": reference}
            rounds.append({**rates, **figures.percentiles(millis)})
        ours.leave()
        theirs.leave()
    return figures.line(
        "fanout",
        **figures.medians(rounds, reference="a Channels consumer per socket"),
        kilobytes_a_socket=ours.kilobytes,
        kilobytes_a_consumer=theirs.kilobytes,
        note=f"deliveries per second of the process's processor time, {GROUPS * SIZE} sockets in"
        f" groups of {SIZE}, {len(FRAME)} bytes; milliseconds of a batch for all of them",
    )


class Crowd:
    """All sockets of one server, and how many frames of the current batch are still missing."""

    def __init__(self, pid: int, publish: Publish) -> None:
        self.process = psutil.Process(pid)
        self.publish = publish
        self.missing = 0
        self.complete = asyncio.Event()
        self.listeners: list[sockets.Listener] = []
        self.kilobytes = 0.0

    async def connect(self, address: str, groups: list[Group], hello: Hello) -> None:
        """Open a socket for each member, and measure the memory of one."""
        empty = self.process.memory_info().rss
        pairs = [(group, member) for group in groups for member in group.members]
        for n in range(0, len(pairs), AT_ONCE):
            self.listeners += await asyncio.gather(
                *(
                    sockets.listen(address, member.token, hello(group, member), self.on_frame)
                    for group, member in pairs[n : n + AT_ONCE]
                )
            )
        used = self.process.memory_info().rss - empty
        self.kilobytes = round(used / len(pairs) / 1024, 1)

    def on_frame(self, frame: bytes) -> None:
        if len(frame) == len(FRAME):
            self.missing -= 1
            if not self.missing:
                self.complete.set()

    async def measure(self, groups: list[Group]) -> tuple[float, list[float]]:
        """Send batches until the time is up, after one that only warms up. Returns the deliveries
        per second of the server's processor time, and the milliseconds of each batch."""
        await self._batch(groups)
        before, millis = sum(self.process.cpu_times()[:2]), []
        until = time.perf_counter() + SECONDS
        while time.perf_counter() < until:
            millis.append(await self._batch(groups))
        used = sum(self.process.cpu_times()[:2]) - before
        return len(millis) * len(self.listeners) / used, millis

    async def _batch(self, groups: list[Group]) -> float:
        """Publish one frame per group; return the milliseconds until every socket has its frame."""
        self.missing = len(self.listeners)
        self.complete.clear()
        start = time.perf_counter()
        for group in groups:
            await self.publish(group)
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
