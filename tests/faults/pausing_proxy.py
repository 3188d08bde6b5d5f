"""A proxy between web and PostgreSQL that pauses at a chosen point of a transaction.

It understands only what that requires of PostgreSQL's protocol: where a message begins, and
which one is COMMIT or ends a round trip.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from tests.faults.piping import until_either_ends

STARTUP, READY = 196_608, b"Z"
COMMIT = b"COMMIT\x00"
Message = tuple[bytes, bytes]  # kind and content. A startup message has no kind.


@dataclass
class PausePoint:
    """Pause before the `trip`th round trip, or before or after COMMIT, and signal `reached`."""

    trip: int = 0
    before_commit: bool = False
    after_commit: bool = False
    trips: int = 0
    committing: bool = False
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    def comes_before(self, message: Message) -> bool:
        commits = is_commit(message)
        self.committing = self.committing or (commits and self.after_commit)
        return (commits and self.before_commit) or self.trips + 1 == self.trip

    def count(self, message: Message) -> None:
        self.trips += message[0] in (b"Q", b"S")


def is_commit(message: Message) -> bool:
    kind, content = message
    return (kind == b"Q" and content == COMMIT) or (kind == b"P" and COMMIT in content)


class PausingProxy:
    """`port` is set once started. Pauses the first connection to reach `pause_at`."""

    def __init__(self, postgres: int) -> None:
        self.postgres = postgres
        self.port = 0
        self.pause_at = PausePoint()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> PausingProxy:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """Drop every connection, as if the process behind it had died."""
        for writer in self._writers:
            writer.transport.abort()
        for task in self._tasks:
            task.cancel()

    async def _connected(self, web: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        writers = {back}
        with suppress(OSError, EOFError, asyncio.CancelledError):
            server, onward = await asyncio.open_connection("127.0.0.1", self.postgres)
            writers.add(onward)
            self._writers |= writers
            await until_either_ends(self._ask(web, onward), self._answer(server, back))
        for writer in writers:
            writer.transport.abort()
        self._writers -= writers

    async def _ask(self, web: asyncio.StreamReader, onward: asyncio.StreamWriter) -> None:
        started = False
        while True:
            message = await (_message(web) if started else _startup(web))
            started = started or message[1][:4] == STARTUP.to_bytes(4)
            if started and message[0] and self.pause_at.comes_before(message):
                await self._pause()
            self.pause_at.count(message)
            onward.write(_bytes(message))

    async def _answer(self, server: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Forward bytes as they arrive. The answer to COMMIT is held back."""
        while part := await server.read(65_536):
            if self.pause_at.committing and part[-6:-5] == READY:
                await self._pause()
            back.write(part)

    async def _pause(self) -> None:
        self.pause_at.reached.set()
        await asyncio.Event().wait()


async def _startup(web: asyncio.StreamReader) -> Message:
    length = await web.readexactly(4)
    return b"", await web.readexactly(int.from_bytes(length) - 4)


async def _message(web: asyncio.StreamReader) -> Message:
    head = await web.readexactly(5)
    return head[:1], await web.readexactly(int.from_bytes(head[1:]) - 4)


def _bytes(message: Message) -> bytes:
    kind, content = message
    return kind + (len(content) + 4).to_bytes(4) + content
