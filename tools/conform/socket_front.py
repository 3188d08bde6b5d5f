"""The live socket in front of the real one: frames are dropped, doubled, swapped and late."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

PROTOCOLS = [Subprotocol("recovery.sync.v1")]
PASSED, DROPPED, DOUBLED, SWAPPED, LATE = "passed", "dropped", "doubled", "swapped", "late"
LATENESS = 0.7  # seconds; longer than a phone holds a frame
FROM_PHONE = ("authorization", "origin", "user-agent")


class SocketFront:
    """Subclasses decide in `fault`. `url` and `port` are set once started."""

    def __init__(self, live: str, port: int = 0) -> None:
        self.live, self.port = live, port
        self.lateness = LATENESS
        self._late: set[asyncio.Task[None]] = set()
        self._onward: dict[ServerConnection, ClientConnection] = {}

    def fault(self, frame: dict[str, Any]) -> str:
        return PASSED

    def asked(self, phone: ServerConnection) -> None:
        """A phone has asked for a socket."""

    def changed(self, frame: dict[str, Any]) -> dict[str, Any]:
        """The frame that the phone gets instead."""
        return frame

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._connected,
            "127.0.0.1",
            self.port,
            subprotocols=PROTOCOLS,
            process_request=self._dial,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}/ws/v1/live"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def close_all(self, code: int) -> None:
        """Close every phone's socket with this code."""
        for phone in list(self._onward):
            await phone.close(code)

    async def _dial(self, phone: ServerConnection, request: Request) -> Response | None:
        """Open the socket to the server. What refuses that refuses the phone, too."""
        self.asked(phone)
        offered = request.headers.get("Sec-WebSocket-Protocol")
        try:
            self._onward[phone] = await connect(
                self.live,
                additional_headers={
                    k: v for k, v in request.headers.items() if k.lower() in FROM_PHONE
                },
                subprotocols=[Subprotocol(name.strip()) for name in offered.split(",")]
                if offered
                else None,
                user_agent_header=None,
                proxy=None,
            )
        except InvalidStatus as refused:
            answer = refused.response
            return Response(answer.status_code, answer.reason_phrase, answer.headers, answer.body)
        except (InvalidHandshake, OSError, TimeoutError):
            return phone.respond(503, "")
        return None

    async def _connected(self, phone: ServerConnection) -> None:
        server = self._onward[phone]
        up = asyncio.create_task(_pass_up(phone, server))
        try:
            with suppress(ConnectionClosed):
                await self._pass_down(server, phone)
            await phone.close(_code(server), server.close_reason or "")
        finally:
            up.cancel()
            del self._onward[phone]
            await server.close()

    async def _pass_down(self, server: ClientConnection, phone: ServerConnection) -> None:
        kept: str | None = None
        async for text in server:
            frame = json.loads(text)
            fault = PASSED if frame["t"] == "hello" else self.fault(frame)
            frame_text = json.dumps(self.changed(frame))
            if fault == SWAPPED and kept is None:
                kept = frame_text
                continue
            for each in self._to_send(fault, frame_text, phone):
                await phone.send(each)
            if kept is not None and fault != DROPPED:
                await phone.send(kept)
                kept = None

    def _to_send(self, fault: str, text: str, phone: ServerConnection) -> list[str]:
        if fault == LATE:
            task = asyncio.create_task(self._send_late(text, phone))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        return {DROPPED: [], LATE: [], DOUBLED: [text, text]}.get(fault, [text])

    async def _send_late(self, text: str, phone: ServerConnection) -> None:
        await asyncio.sleep(self.lateness)
        with suppress(ConnectionClosed):
            await phone.send(text)


async def _pass_up(phone: ServerConnection, server: ClientConnection) -> None:
    with suppress(ConnectionClosed):
        async for text in phone:
            await server.send(text)
    await server.close()


def _code(server: ClientConnection) -> int:
    """The code to close the phone's socket with; 1005 and 1006 cannot be sent."""
    return 1011 if server.close_code in (None, 1005, 1006) else server.close_code


@dataclass
class FrameFault:
    """Befalls the next `times` frames of type `t`."""

    t: str
    what: str
    times: int = 1


class StorySocket(SocketFront):
    """Faults as a story plans them. `connected`: how often a phone asked for a socket."""

    def __init__(self, live: str, port: int) -> None:
        super().__init__(live, port)
        self.begin()

    def begin(self) -> None:
        """Another story begins."""
        self.faults: list[FrameFault] = []
        self.connected = 0
        self.adds: dict[str, Any] = {}  # fields that a newer server sends in every frame
        self.heads_are_sent = True  # in heartbeats; without any heartbeat, phones connect again

    def plan(self, t: str, what: str, times: int = 1) -> FrameFault:
        fault = FrameFault(t, what, times)
        self.faults.append(fault)
        return fault

    def asked(self, phone: ServerConnection) -> None:
        self.connected += 1

    def changed(self, frame: dict[str, Any]) -> dict[str, Any]:
        silent: dict[str, Any] = {} if self.heads_are_sent or frame["t"] != "h" else {"heads": {}}
        return frame | self.adds | silent

    def fault(self, frame: dict[str, Any]) -> str:
        for fault in self.faults:
            if fault.t == frame["t"] and fault.times:
                fault.times -= 1
                return fault.what
        return PASSED

    async def say(self, frame: dict[str, Any]) -> None:
        """Send a frame that the real server did not send."""
        for phone in list(self._onward):
            with suppress(ConnectionClosed):
                await phone.send(json.dumps(frame))

    @property
    def open_sockets(self) -> int:
        return len(self._onward)
