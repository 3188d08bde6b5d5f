"""A scripted server on loopback, and clocks that a test controls."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from tests.clients.phone.pages import AT, digest, page, registration

CLIENTS, PULL, PUSH = "/api/v1/sync/clients", "/api/v1/sync/pull", "/api/v1/sync/push"
REFRESH, TICKET, LIVE = "/api/v1/sessions/refresh", "/api/v1/live/ticket", "/ws/v1/live"
RECEIPT = "/api/v1/sessions/wipe-receipt"
DIGEST, HISTORY = "/api/v1/sync/digest", "/api/v1/sync/history"


@dataclass
class Says:
    """One scripted answer."""

    status: int
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


Line = dict[str, Any] | Says | Callable[[dict[str, Any]], Any]


@dataclass
class Received:
    path: str
    body: dict[str, Any]
    token: str


class Socket:
    """The server's end of one live socket."""

    def __init__(self, request: web.Request, ws: web.WebSocketResponse) -> None:
        self.headers = request.headers
        self.ws = ws
        self.received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def hello(self, heads: dict[str, int] | None = None, epoch: str = "e1") -> dict[str, Any]:
        """Take the phone's hello and answer it."""
        message = await asyncio.wait_for(self.received.get(), 5)
        answer = {"epoch": epoch, "server_time": "2026-03-02T12:00:00Z", "hb": 25}
        await self.send({"t": "hello", **answer, "token_expires_in": 840, "heads": heads or {}})
        return message

    async def send(self, frame: dict[str, Any]) -> None:
        await self.ws.send_json(frame)

    async def close(self, code: int) -> None:
        await self.ws.close(code=code)


class Server:
    def __init__(self) -> None:
        self.received: list[Received] = []
        self.surprises: list[str] = []
        self.sockets: asyncio.Queue[Socket] = asyncio.Queue()
        self.refuse_sockets: list[int] = []  # HTTP statuses for the next handshakes
        self._script: dict[str, deque[Line]] = defaultdict(deque)
        self.url = ""
        self._always: dict[str, Line] = {CLIENTS: registration(), PULL: page(), DIGEST: digest()}

    def will(self, path: str, *lines: Line) -> None:
        """Answer the next requests with these lines, then with the line of `always`."""
        self._script[path].extend(lines)

    def always(self, path: str, line: Line) -> None:
        self._always[path] = line

    def bodies(self, path: str) -> list[dict[str, Any]]:
        return [request.body for request in self.received if request.path == path]

    def paths(self) -> list[str]:
        return [request.path for request in self.received]

    async def socket(self) -> Socket:
        return await asyncio.wait_for(self.sockets.get(), 5)

    async def start(self) -> str:
        app = web.Application()
        app.add_routes([web.get(LIVE, self._live), web.post("/{path:.*}", self._answer)])
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        has_json = request.content_type == "application/json"
        body = await request.json() if has_json else {}
        token = request.headers.get("Authorization", "")
        self.received.append(Received(request.path, body, token.removeprefix("Bearer ")))
        line = self._next(request.path)
        reply = line(body) if callable(line) else line
        says = reply if isinstance(reply, Says) else Says(200, reply)
        return web.json_response(says.body, status=says.status, headers=says.headers)

    def _next(self, path: str) -> Line:
        waiting = self._script[path]
        if not waiting and path not in self._always:
            self.surprises.append(path)
        return waiting.popleft() if waiting else self._always.get(path, Says(400))

    async def _live(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_sockets:
            return web.Response(status=self.refuse_sockets.pop(0))
        ws = web.WebSocketResponse(protocols=["recovery.sync.v1"])
        await ws.prepare(request)
        socket = Socket(request, ws)
        await self.sockets.put(socket)
        async for message in ws:
            await socket.received.put(message.json())
        return ws


class QuickClock:
    """Time passes only in `sleep`, which returns at once."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class WoundClock:
    """Sleepers wake when the test winds the clock past their deadline."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at
        self._sleepers: list[tuple[datetime, asyncio.Event]] = []

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        self._sleepers.append((self.at + timedelta(seconds=seconds), woken))
        await woken.wait()

    async def wind(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        for until, woken in self._sleepers:
            if until <= self.at:
                woken.set()
        await asyncio.sleep(0.01)

    def pauses(self) -> list[float]:
        """The remaining seconds of each sleeper."""
        left = [(until - self.at).total_seconds() for until, e in self._sleepers if not e.is_set()]
        return sorted(left)


def applied(body: dict[str, Any]) -> dict[str, Any]:
    """An answer that applies the whole batch and has no news."""
    results = [{"id": m["id"], "status": "applied", "at": []} for m in body["mutations"]]
    answer = {"lmid": {body["lane"]: body["mutations"][-1]["id"]}, "results": results}
    return {**answer, "pull": page()} if "pull" in body else answer


def problem(status: int, code: str, **more: Any) -> Says:
    headers = more.pop("headers", {})
    return Says(status, {"status": status, "code": code, **more}, headers)
