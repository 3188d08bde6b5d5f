"""The network of a phone under test: requests and the socket wait for what the test delivers."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from clients.phone.errors import Unreachable
from clients.phone.network import Network, Reply


@dataclass
class Request:
    path: str
    body: Any
    token: str | None
    reply: asyncio.Future[Reply] = field(default_factory=asyncio.Future)

    def lose(self) -> None:
        self.reply.set_exception(Unreachable(self.path))


class HeldSocket:
    """The phone's end of a socket: what it sends is kept, what it receives the test delivers."""

    def __init__(self, sent: list[Any]) -> None:
        self.sent = sent
        self.has_spoken = asyncio.Event()
        self.frames: asyncio.Queue[str] = asyncio.Queue()

    async def send(self, text: str) -> None:
        self.sent.append(json.loads(text))
        self.has_spoken.set()

    async def recv(self) -> str:
        return await self.frames.get()

    async def close(self) -> None:
        return None


# Never used, so one is enough for all phones: making one loads every root certificate.
NO_HTTP = httpx.AsyncClient()


class HeldNetwork(Network):
    """`events`: where each request goes. `dialled`: URL and token of each socket."""

    def __init__(self, events: asyncio.Queue[Any]) -> None:
        super().__init__(http=NO_HTTP)
        self.events = events
        self.dialled: list[dict[str, Any]] = []
        self.sent: list[Any] = []
        self.socket: HeldSocket | None = None
        self.has_dialled = asyncio.Event()

    async def post(self, url: str, body: Any, headers: dict[str, str]) -> Reply:
        request = Request(url, *as_request(body, headers))
        await self.events.put(request)
        return await request.reply

    async def dial(self, url: str, headers: dict[str, str]) -> Any:
        self.dialled.append({"url": url, "token": _token(headers)})
        self.socket = HeldSocket(self.sent)
        self.has_dialled.set()
        return self.socket


def as_request(body: Any, headers: dict[str, str]) -> tuple[Any, str | None]:
    """The body and the token of a request, as a vector names them."""
    if isinstance(body, bytes):
        piece = {"upload": headers["Upload-Id"], "offset": int(headers["Upload-Offset"])}
        body = piece | {"base64": base64.b64encode(body).decode()}
    return body, _token(headers)


def _token(headers: dict[str, str]) -> str | None:
    return headers.get("Authorization", "").removeprefix("Bearer ") or None
