"""An open live socket that records every frame."""

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
    """`frames` in order of arrival. `closed_with` is the close code once the server has closed."""

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
        """Every number of the scope that was sent, with or without documents."""
        heads = [f["heads"][scope] for f in self.frames if scope in f.get("heads", {})]
        return self.changes(scope) + heads

    def changes(self, scope: str) -> list[int]:
        """The number that each change led to, in order of arrival."""
        return [f["to"] for f in self.frames if f["t"] == "c" and f["s"] == scope]

    async def close(self) -> None:
        await self.line.close()
        await self.task


async def listen(live: str, member: Member, client_id: str) -> Listener:
    """Open the socket and exchange hellos."""
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
