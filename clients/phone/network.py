"""The phone's network: real HTTP and a real websocket, with planned faults.

Faults happen on the phone's side only. The server is never simulated.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from clients.phone.errors import Offline, Unreachable

SUBPROTOCOL = "recovery.sync.v1"
NO_CONTENT = 204
CLOSING = 1.0  # seconds to wait for the server's close frame
Frame = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: httpx.Headers
    body: dict[str, Any]  # {} unless the answer is a JSON object
    content: bytes = b""
    is_json: bool = True  # the content is a JSON object, or there is none (204)


@dataclass
class Fault:
    """One planned fault: `lose` is "request", "answer" or "". `delay` is in seconds."""

    lose: str = ""
    path: str = ""
    delay: float = 0


class Network:
    def __init__(self, timeout: float = 30, http: httpx.AsyncClient | None = None) -> None:
        self.online = True
        self.came_online = asyncio.Event()
        self.came_online.set()
        self.requests: list[str] = []  # paths of all requests sent, for tests and transcripts
        self.on_frame: Callable[[Frame], list[Frame]] = lambda frame: [frame]
        self._faults: list[Fault] = []
        self._sockets: set[ClientConnection] = set()
        self._http = http or httpx.AsyncClient(timeout=timeout)

    def plan(self, lose: str = "", path: str = "", delay: float = 0) -> None:
        """Lose or delay the next request whose URL contains `path`, or its answer."""
        self._faults.append(Fault(lose, path, delay))

    async def offline(self) -> None:
        self.online = False
        self.came_online.clear()
        for socket in list(self._sockets):
            socket.transport.abort()

    def back_online(self) -> None:
        self.online = True
        self.came_online.set()

    async def post(self, url: str, body: Any, headers: dict[str, str]) -> Reply:
        """POST JSON, or bytes unchanged. Raises `Offline` before sending, `Unreachable` without an
        answer."""
        fault = self._fault_for(url)
        if not self.online:
            raise Offline(url)
        if fault.lose == "request":
            raise Unreachable(url)
        reply = await self._send(url, body, headers)
        await asyncio.sleep(fault.delay)
        if fault.lose == "answer" or not self.online:
            raise Unreachable(url)
        return reply

    async def _send(self, url: str, body: Any, headers: dict[str, str]) -> Reply:
        self.requests.append(httpx.URL(url).path)
        payload: dict[str, Any] = {"content" if isinstance(body, bytes) else "json": body}
        try:
            answer = await self._http.post(url, headers=headers, **payload)
        except httpx.HTTPError as error:
            raise Unreachable(url, error) from error
        body = _json_object(answer.content)
        is_json = body is not None or answer.status_code == NO_CONTENT
        return Reply(answer.status_code, answer.headers, body or {}, answer.content, is_json)

    async def get(self, url: str, headers: dict[str, str] | None = None) -> Any:
        """GET JSON: what a browser subscribes to pushes with, and the simulator's inboxes."""
        return (await self._http.get(url, headers=headers)).raise_for_status().json()

    def _fault_for(self, url: str) -> Fault:
        for fault in self._faults:
            if fault.path in url:
                self._faults.remove(fault)
                return fault
        return Fault()

    async def dial(self, url: str, headers: dict[str, str]) -> ClientConnection:
        if not self.online:
            raise Offline(url)
        socket = await connect(
            url,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            additional_headers=headers,
            proxy=None,
            max_size=2**20,
            close_timeout=CLOSING,
        )
        self._sockets.add(socket)
        return socket

    async def hang_up(self, socket: ClientConnection) -> None:
        self._sockets.discard(socket)
        await socket.close()

    def receive(self, raw: str | bytes) -> list[Frame]:
        """Parse one frame. Returns those that arrive: tests lose, repeat or reorder frames here."""
        return self.on_frame(json.loads(raw))

    async def close(self) -> None:
        for socket in list(self._sockets):
            await self.hang_up(socket)
        await self._http.aclose()


def _json_object(content: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
