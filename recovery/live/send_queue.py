"""The send queue of one socket and the one task that writes it.

A phone that does not read must not cost other phones anything. At most 100 frames or 256 KB wait
for it, then its socket is closed. If it does not read the close frame within LIVE_LAST_WORDS
seconds, the connection is aborted.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from recovery.live.close_codes import CloseCode

Send = Callable[[dict[str, Any]], Awaitable[None]]
MOST_FRAMES = 100
MOST_BYTES = 256 * 1024


class SendQueue:
    """First in, first out. Nothing is sent after `close`."""

    __slots__ = ("_bytes", "_frames", "_send", "_task", "_wakeup", "code")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._frames: deque[tuple[str, int]] = deque()
        self._bytes = 0
        self._wakeup = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.code: CloseCode | None = None

    def start(self, first: str) -> None:
        """Start writing: `first`, then the frames that were put meanwhile."""
        if self.code is None:
            self._frames.appendleft((first, 0))
            self._wakeup.set()
            self._task = asyncio.create_task(self._write())

    def put(self, frame: str, size: int = 64) -> None:
        """Add a frame of `size` bytes. Closes the socket if too much is waiting."""
        if self.code is not None:
            return
        self._frames.append((frame, size))
        self._bytes += size
        if len(self._frames) > MOST_FRAMES or self._bytes > MOST_BYTES:
            self.close(CloseCode.TOO_SLOW)
        self._wakeup.set()

    def close(self, code: CloseCode) -> None:
        """Discard the waiting frames and send a close frame with `code`."""
        if self.code is not None:
            return
        self.code = code
        self._frames.clear()
        if self._task:
            self._task.cancel()
        self._task = asyncio.create_task(self._send_close(code))

    def stop(self) -> None:
        """The phone is gone: discard the waiting frames and send nothing."""
        self.code = self.code or CloseCode.RESTART
        self._frames.clear()
        if self._task:
            self._task.cancel()

    async def wait_closed(self) -> None:
        """Wait until the close frame is sent, if one is being sent."""
        if self._task:
            await asyncio.wait([self._task])

    async def _write(self) -> None:
        frames, wakeup, send = self._frames, self._wakeup, self._send
        try:
            while True:
                await wakeup.wait()
                while frames:
                    frame, size = frames.popleft()
                    self._bytes -= size
                    await send({"type": "websocket.send", "text": frame})
                wakeup.clear()
        except OSError:
            # The phone left while we wrote. The reading task notices too and cleans up.
            self._frames.clear()

    async def _send_close(self, code: CloseCode) -> None:
        try:
            async with asyncio.timeout(settings.LIVE_LAST_WORDS):
                await self._send(
                    {"type": "websocket.close", "code": int(code), "reason": code.name.lower()}
                )
        except TimeoutError:
            # Drop the connection. ASGI has no message for this, so use the transport of uvicorn.
            transport = getattr(getattr(self._send, "__self__", None), "transport", None)
            if transport is not None:
                transport.abort()
        except (OSError, RuntimeError):
            # The phone has disconnected or closed the socket itself.
            return
