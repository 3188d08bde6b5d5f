"""The network between phones and their server, at its worst.

Socket frames are dropped, duplicated, swapped and delayed. Requests and answers get lost.
Everything arrives whole or not at all, as over a real network.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from clients.phone.network import SUBPROTOCOL
from tests.faults.piping import until_either_ends

PROTOCOLS = [Subprotocol(SUBPROTOCOL)]
LATEST = 1.0  # seconds


class LossySocket:
    """`url` is set once started. `faults` counts them by kind; `is_lossy = False` ends them."""

    def __init__(self, live: str, chance: Random) -> None:
        self.live, self.chance = live, chance
        self.is_lossy = True
        self.faults: Counter[str] = Counter()
        self._late: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> LossySocket:
        self._server = await serve(self._connected, "127.0.0.1", 0, subprotocols=PROTOCOLS)
        self.url = f"ws://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}/ws/v1/live"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _connected(self, phone: ServerConnection) -> None:
        assert phone.request is not None
        bearer = {"Authorization": phone.request.headers["Authorization"]}
        async with connect(self.live, additional_headers=bearer, subprotocols=PROTOCOLS) as server:
            up = asyncio.create_task(_pass_on(phone, server))
            with suppress(ConnectionClosed):
                await self._pass_down(server, phone)
            up.cancel()
            await phone.close(server.close_code or 1011)

    async def _pass_down(self, server: ClientConnection, phone: ServerConnection) -> None:
        held: str | None = None
        async for text in server:
            frame = str(text)
            fault = self._fault(frame)
            self.faults[fault] += 1
            if fault == "swapped" and held is None:
                held = frame
                continue
            for one in self._frames_to_send(fault, frame, phone):
                await phone.send(one)
            if held is not None:
                await phone.send(held)
                held = None

    def _fault(self, frame: str) -> str:
        if not self.is_lossy or json.loads(frame)["t"] == "hello":
            return "passed"
        kinds = ("passed", "dropped", "doubled", "swapped", "late")
        return self.chance.choices(kinds, (4, 2, 1, 2, 2))[0]

    def _frames_to_send(self, fault: str, frame: str, phone: ServerConnection) -> list[str]:
        if fault == "late":
            task = asyncio.create_task(_later(self.chance.uniform(0, LATEST), phone.send, frame))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        return {"dropped": [], "late": [], "doubled": [frame, frame]}.get(fault, [frame])


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


async def _pass_on(phone: ServerConnection, server: ClientConnection) -> None:
    with suppress(ConnectionClosed):
        async for text in phone:
            await server.send(text)
        await server.close()


async def _later(seconds: float, send: Callable[[str], Awaitable[None]], frame: str) -> None:
    await asyncio.sleep(seconds)
    with suppress(ConnectionClosed):
        await send(frame)
