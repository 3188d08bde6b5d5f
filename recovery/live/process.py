"""Start and stop of a live process. On SIGTERM it closes its sockets gradually."""

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
from recovery.live.close_codes import CloseCode
from recovery.live.heartbeat import run_checks
from recovery.live.hub import Hub
from recovery.live.send_queue import Send

# Closing is spread out: every phone reconnects to another process, which costs it a millisecond.
CLOSES_PER_SECOND = 200
LONGEST_DRAIN = 20.0
# Time for the close frames to reach the network before the server drops the connections.
FLUSH_SECONDS = 0.2


class Lifespan:
    """The ASGI lifespan protocol: start-up and shutdown of the server."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def __call__(self, _scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        async with running(self.hub):
            drain_on_sigterm(self.hub)
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


@asynccontextmanager
async def running(hub: Hub) -> AsyncIterator[None]:
    """Open the pool, subscribe to Valkey and run the periodic checks."""
    await hub.pool.open()
    tasks = [asyncio.create_task(hub.pubsub.run()), asyncio.create_task(run_checks(hub))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await hub.valkey.aclose()
        await hub.pool.close()


def drain_on_sigterm(hub: Hub) -> None:
    """On SIGTERM, drain the hub before the server's own handler runs."""
    # Only the main thread may set signal handlers; tests run servers in other threads.
    if threading.current_thread() is not threading.main_thread():
        return
    terminate, loop = signal.getsignal(signal.SIGTERM), asyncio.get_running_loop()

    def drain_first(number: int, frame: FrameType | None) -> None:
        # A second SIGTERM ends the process at once.
        signal.signal(signal.SIGTERM, terminate)
        loop.call_soon_threadsafe(
            hub.spawn, drain(hub, lambda: callable(terminate) and terminate(number, frame))
        )

    signal.signal(signal.SIGTERM, drain_first)


async def drain(hub: Hub, then: Callable[[], object]) -> None:
    """Admit no more sockets and close the others one by one, in random order. Then call `then`."""
    hub.draining = True
    sockets = list(hub.sockets)
    random.shuffle(sockets)
    pause = min(1 / CLOSES_PER_SECOND, LONGEST_DRAIN / max(1, len(sockets)))
    for socket in sockets:
        socket.queue.close(CloseCode.RESTART)
        await asyncio.sleep(pause)
    await asyncio.sleep(FLUSH_SECONDS)
    then()
