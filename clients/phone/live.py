"""The live socket: connects, says hello, handles frames, and reconnects as the close code asks."""

import asyncio
import json
from collections.abc import Coroutine
from contextlib import suppress
from random import Random
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from clients.phone import close_codes
from clients.phone.clock import Clock
from clients.phone.ephemeral import Ephemerals
from clients.phone.errors import PhoneError
from clients.phone.frames import Frames
from clients.phone.sync import Sync
from clients.phone.triggers import Triggers

PATH = "/ws/v1/live"
TICKET_PATH = "/api/v1/live/ticket"
CODE_OF_STATUS = {401: 4401, 410: 4410, 421: 4410, 426: 4426, 429: 4429, 503: 1013}
HELLO_WITHIN = 10.0  # seconds for connecting and for the server's hello
MISSED_HEARTBEATS = 2.5  # silence for this many heartbeats means that the connection is dead


class Live:
    """Set `url` if the socket has another address than `home`. With `use_ticket` the phone
    authenticates with a single-use ticket, as browsers must; otherwise with a header."""

    def __init__(self, sync: Sync, triggers: Triggers, clock: Clock, chance: Random) -> None:
        self.sync = sync
        self.session = sync.session
        self.network = sync.session.wire.network
        self.triggers = triggers
        self.clock = clock
        self.chance = chance
        self.url: str | None = None
        self.use_ticket = False
        self.is_open = False
        self.closed_with: list[int] = []  # close codes so far, for bug reports and tests
        self.ephemerals = Ephemerals(clock)
        self.frames = Frames(
            sync.answers, lambda: bool(sync.pulls_in_flight), triggers.ask, self._later
        )
        sync.after_pull = self.frames.look_again
        self.session.after_refresh = self._send_new_token
        self._socket: ClientConnection | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._in_foreground = asyncio.Event()

    def foreground(self) -> None:
        """The app was opened: pull, and reconnect even after a close code that forbids it."""
        self._in_foreground.set()
        self.triggers.ask()

    async def run(self) -> None:
        """Keep a socket open until cancelled, signed out or wiped."""
        failures = 0
        while not self.triggers.ended:
            await self.network.came_online.wait()
            said_hello, code = await self._run_socket()
            self.closed_with.append(code)
            failures = 0 if said_hello else failures + 1
            reaction = close_codes.reaction(code)
            try:
                await self._do(reaction.do)
            except PhoneError as error:
                self.triggers.report(error)
            if reaction.stay_away:
                self._in_foreground.clear()
                await self._in_foreground.wait()
            else:
                await self.clock.sleep(close_codes.pause(reaction, failures, self.chance))

    async def _run_socket(self) -> tuple[bool, int]:
        """Run one socket to its end. Returns whether the server said hello, and the close code."""
        said_hello = False
        try:
            async with asyncio.timeout(HELLO_WITHIN):
                socket, hello = await self._dial()
            said_hello = True
            self.receive(hello)
            return said_hello, await self._listen(socket, hello["hb"])
        except InvalidStatus as refused:
            return said_hello, CODE_OF_STATUS.get(refused.response.status_code, 1006)
        except ConnectionClosed as closed:
            return said_hello, closed.rcvd.code if closed.rcvd else 1006
        except (PhoneError, InvalidHandshake, OSError, TimeoutError):
            return said_hello, 1006

    async def _dial(self) -> tuple[ClientConnection, dict[str, Any]]:
        await self.sync.registration.ensure()
        hello = {"t": "hello", "client_id": self.sync.answers.outbox.client_id()}
        headers: dict[str, str] = {}
        if self.use_ticket:
            hello["ticket"] = (await self.session.call(TICKET_PATH, {}))["ticket"]
        else:
            headers["Authorization"] = f"Bearer {self.session.token()}"
        socket = await self.network.dial(self.url or _socket_url(self.session.home), headers)
        try:
            await socket.send(json.dumps(hello))
            return socket, json.loads(await socket.recv())
        except BaseException:
            await self.network.hang_up(socket)
            raise

    async def _listen(self, socket: ClientConnection, heartbeat: float) -> int:
        """Handle frames until the socket closes. Raises TimeoutError after too long a silence."""
        self._socket = socket
        try:
            while True:
                async with asyncio.timeout(heartbeat * MISSED_HEARTBEATS):
                    raw = await socket.recv()
                for frame in self.network.receive(raw):
                    self.receive(frame)
        finally:
            self.is_open, self._socket = False, None
            await self.network.hang_up(socket)

    def receive(self, frame: dict[str, Any]) -> None:
        """Handle one frame. Unknown kinds are ignored."""
        match frame["t"]:
            case "hello":
                self.frames.opened(frame["epoch"])
                self.is_open = True
            case "c":
                self.frames.changed(frame)
            case "h":
                self.frames.heads(frame["heads"])
            case "scopes" | "resync":
                self.triggers.ask()
            case "e":
                self.ephemerals.receive(frame)

    async def _do(self, what: str) -> None:
        if what == "refresh":
            await self.session.refresh(stale=self.session.token())
        elif what == "wipe":
            await self.session.revoked()
        elif what == "pull":
            self.triggers.ask()
        elif what == "too_old":
            self.sync.answers.mark_too_old()

    def _send_new_token(self) -> None:
        # The server closes the socket when the token it was opened with expires.
        if self._socket:
            message = json.dumps({"t": "token", "token": self.session.token()})
            self._spawn(self._send(self._socket, message))

    async def _send(self, socket: ClientConnection, text: str) -> None:
        with suppress(ConnectionClosed):
            await socket.send(text)

    def _later(self, seconds: float, call: Any) -> None:
        async def timer() -> None:
            await self.clock.sleep(seconds)
            call()

        self._spawn(timer())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def stop(self) -> None:
        for task in self._background:
            task.cancel()


def _socket_url(home: str) -> str:
    parts = urlsplit(home)
    scheme = {"https": "wss", "http": "ws"}[parts.scheme]
    return urlunsplit((scheme, parts.netloc, PATH, "", ""))
