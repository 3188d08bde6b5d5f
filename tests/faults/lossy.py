"""The network between phones and their server, at its worst.

Socket frames are dropped, duplicated, swapped and delayed. Requests and answers get lost.
Everything arrives whole or not at all, as over a real network.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tests.faults.piping import until_either_ends
from tools.conform.socket_front import DOUBLED, DROPPED, LATE, PASSED, SWAPPED, SocketFront

KINDS = (PASSED, DROPPED, DOUBLED, SWAPPED, LATE)
LATEST = 1.0  # seconds


class LossySocket(SocketFront):
    """`faults` counts them by kind; `is_lossy = False` ends them."""

    def __init__(self, live: str, chance: Random) -> None:
        super().__init__(live)
        self.chance = chance
        self.is_lossy = True
        self.faults: Counter[str] = Counter()

    def fault(self, frame: dict[str, Any]) -> str:
        fault = self.chance.choices(KINDS, (4, 2, 1, 2, 2))[0] if self.is_lossy else PASSED
        self.faults[fault] += 1
        self.lateness = self.chance.uniform(0, LATEST)
        return fault


class LossyHttp:
    """HTTP to `home` that loses one request in `one_in`, and as many answers."""

    def __init__(self, home: str, chance: Random, one_in: int) -> None:
        self.port = urlsplit(home).port
        self.chance, self.one_in = chance, one_in
        self.is_lossy = True
        self.faults: Counter[str] = Counter()

    async def __aenter__(self) -> LossyHttp:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _connected(self, phone: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            server, onward = await asyncio.open_connection("127.0.0.1", self.port)
            await until_either_ends(
                self._pipe("request", phone, onward), self._pipe("answer", server, back)
            )
            onward.transport.abort()
        back.transport.abort()

    async def _pipe(
        self, what: str, source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> None:
        """Ends when either side does, or when chance loses the data in flight."""
        with suppress(OSError):
            while part := await source.read(65_536):
                if self.is_lossy and self.chance.randrange(self.one_in) == 0:
                    self.faults[f"{what}s lost"] += 1
                    return
                sink.write(part)
