"""What waits to be written to one socket, and the one task that writes it.

A phone that does not read must cost nobody else anything: at most 100 frames or 256 KB wait
for it, then it is closed, and cut off where it does not read that within LIVE_LAST_WORDS.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from recovery.live.closing import Close

Send = Callable[[dict[str, Any]], Awaitable[None]]
MOST_FRAMES = 100
MOST_BYTES = 256 * 1024


class Mailbox:
    """Frames in the order of `put`; nothing follows a `close`."""

    __slots__ = ("_bytes", "_frames", "_news", "_send", "_task", "code")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._frames: deque[tuple[str, int]] = deque()
        self._bytes = 0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.code: Close | None = None

    def open(self, first: str) -> None:
        """Begin to write: `first`, then what came in meanwhile."""
        if self.code is None:
            self._frames.appendleft((first, 0))
            self._news.set()
            self._task = asyncio.create_task(self._write())

    def put(self, frame: str, size: int = 64) -> None:
        """Add a frame of `size` bytes; too many close the socket."""
        if self.code is not None:
            return
        self._frames.append((frame, size))
        self._bytes += size
        if len(self._frames) > MOST_FRAMES or self._bytes > MOST_BYTES:
            self.close(Close.TOO_SLOW)
        self._news.set()

    def close(self, code: Close) -> None:
        """Forget what waits; say goodbye, at once if the phone reads, by force if not."""
        if self.code is not None:
            return
        self.code = code
        self._frames.clear()
        if self._task:
            self._task.cancel()
        self._task = asyncio.create_task(self._say_goodbye(code))

    def stop(self) -> None:
        """The phone has gone."""
        self.code = self.code or Close.RESTART
        self._frames.clear()
        if self._task:
            self._task.cancel()

    async def ended(self) -> None:
        """Once the goodbye is said, or there is nobody to say it to."""
        if self._task:
            await asyncio.wait([self._task])

    async def _write(self) -> None:
        frames, news, send = self._frames, self._news, self._send
        try:
            while True:
                await news.wait()
                while frames:
                    frame, size = frames.popleft()
                    self._bytes -= size
                    await send({"type": "websocket.send", "text": frame})
                news.clear()
        except OSError:
            # It left while we wrote; its reader hears of it and cleans up.
            self._frames.clear()

    async def _say_goodbye(self, code: Close) -> None:
        try:
            async with asyncio.timeout(settings.LIVE_LAST_WORDS):
                await self._send(
                    {"type": "websocket.close", "code": int(code), "reason": code.name.lower()}
                )
        except TimeoutError:
            _cut(self._send)
        except (OSError, RuntimeError):
            # Gone already, or closed by itself in the meantime.
            return


def _cut(send: Send) -> None:
    """Drop the connection. ASGI has no message for it, so this asks uvicorn's own protocol."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
