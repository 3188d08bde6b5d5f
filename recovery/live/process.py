"""The life of a live process: begin, serve, and send the sockets away gently on SIGTERM."""

from __future__ import annotations

import asyncio
import random
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import FrameType
from typing import Any

from recovery.live.app import Receive
from recovery.live.closing import Close
from recovery.live.hub import Hub
from recovery.live.mailbox import Send
from recovery.live.rounds import go_round

# Sockets are sent away over a time, for they come back elsewhere and each costs a millisecond.
CLOSES_PER_SECOND = 200
LONGEST_DRAIN = 20.0
# For the goodbyes to reach the network before the server drops what is left.
LAST_WORDS = 0.2


class Lifespan:
    """ASGI's lifespan: what the server tells the application about its own start and end."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def __call__(self, _scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        async with running(self.hub):
            on_terminate(self.hub)
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


@asynccontextmanager
async def running(hub: Hub) -> AsyncIterator[None]:
    """With the pool open, listening to Valkey, and going its rounds."""
    await hub.pool.open()
    tasks = [asyncio.create_task(hub.bus.run()), asyncio.create_task(go_round(hub))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await hub.valkey.aclose()
        await hub.pool.close()


def on_terminate(hub: Hub) -> None:
    """Drain first, then let the server do what it would have done at once."""
    if threading.current_thread() is not threading.main_thread():
        return
    leave, loop = signal.getsignal(signal.SIGTERM), asyncio.get_running_loop()

    def drain_then_leave(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, leave)
        loop.call_soon_threadsafe(
            hub.spawn, drain(hub, lambda: callable(leave) and leave(number, frame))
        )

    signal.signal(signal.SIGTERM, drain_then_leave)


async def drain(hub: Hub, then: Callable[[], object]) -> None:
    """Take nobody in, send everybody away one after another, in no order."""
    hub.draining = True
    sockets = list(hub.sockets)
    random.shuffle(sockets)
    pause = min(1 / CLOSES_PER_SECOND, LONGEST_DRAIN / max(1, len(sockets)))
    for socket in sockets:
        socket.mailbox.close(Close.RESTART)
        await asyncio.sleep(pause)
    await asyncio.sleep(LAST_WORDS)
    then()
