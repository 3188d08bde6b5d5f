"""An open live socket that writes down every frame that comes through it."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from clients.phone.network import SUBPROTOCOL
from tests.faults.circle import Member

HELLO_WITHIN = 15.0


class Listener:
    """`frames` in the order they came; `closed_with` once the server has closed."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        self.frames: list[dict[str, Any]] = []
        self.closed_with: int | None = None
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        with suppress(ConnectionClosed):
            async for text in self.line:
                self.frames.append(json.loads(text))
        self.closed_with = self.line.close_code

    def numbers(self, scope: str) -> list[int]:
        """Every number of the scope that was told, with documents or without."""
        heads = [f["heads"][scope] for f in self.frames if scope in f.get("heads", {})]
        return self.changes(scope) + heads

    def changes(self, scope: str) -> list[int]:
        """To which number each change led, in the order in which they came."""
        return [f["to"] for f in self.frames if f["t"] == "c" and f["s"] == scope]

    async def close(self) -> None:
        await self.line.close()
        await self.task


async def listen(live: str, member: Member, client_id: str) -> Listener:
    """Handshake and hello; returns once the server has said hello too."""
    line = await connect(
        live,
        additional_headers=member.bearer,
        subprotocols=[Subprotocol(SUBPROTOCOL)],
        max_queue=None,
        ping_interval=None,
    )
    await line.send(json.dumps({"t": "hello", "client_id": client_id}))
    listener = Listener(line)
    async with asyncio.timeout(HELLO_WITHIN):
        while not listener.frames:
            await asyncio.sleep(0.01)
    return listener
