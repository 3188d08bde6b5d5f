"""The real server in this process: its sync functions without HTTP, its live tier without sockets.

The test replaces only the network: requests are passed as JSON, and Valkey's messages reach the
live tier when the play delivers them, if at all.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from redis import Redis
from uuid_utils.compat import uuid7

from clients.phone.errors import Problem
from foundation.fields import parsed
from foundation.http import problem_of
from recovery.actions import Call
from recovery.actions.perform import attempt
from recovery.api.sync.clients import Registration, register
from recovery.api.sync.digest import DigestRequest, digest
from recovery.api.sync.mutations import PushRequest
from recovery.api.sync.pull import pull
from recovery.api.sync.push import push
from recovery.api.sync.wire import pull_request
from recovery.live import heartbeat, messages, queries
from recovery.live.hub import Hub
from recovery.live.send_queue import SendQueue
from recovery.live.socket import Identity, Socket

FAR = datetime(2100, 1, 1, tzinfo=UTC)
BEAT = 25
INSTALL = {"install": "a phone", "platform": "android", "app": "1.0", "schema": 1}


class Person(NamedTuple):
    id: UUID
    is_staff: bool = False


class Wire:
    """Replaces the live tier's connection to Valkey. It delivers what the play passes on."""

    is_up = True

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[[bytes], None]] = {}

    async def subscribe(self, handlers: dict[str, Callable[[bytes], None]]) -> bool:
        self.handlers |= handlers
        return True

    def unsubscribe(self, channels: list[str]) -> None:
        for channel in channels:
            self.handlers.pop(channel, None)

    def pass_on(self, channel: str, payload: bytes) -> None:
        if channel in self.handlers:
            self.handlers[channel](payload)


class Valkey:
    """Collects what the server publishes on the real channels, in order."""

    def __init__(self, url: str) -> None:
        self.redis = Redis.from_url(url)
        self.subscription = self.redis.pubsub()
        self.mark = f"mark.{uuid7()}"
        self.count = 0
        self.subscription.psubscribe("scope.*", "user.*", self.mark)

    def received(self, ids: set[str]) -> list[tuple[str, bytes]]:
        """All messages so far for these ids. A mark published now shows where they end."""
        self.count += 1
        self.redis.publish(self.mark, self.count)
        matches: list[tuple[str, bytes]] = []
        while message := self.subscription.get_message(timeout=5):
            if message["type"] != "pmessage":
                continue
            channel, payload = message["channel"].decode(), message["data"]
            if channel == self.mark and int(payload) == self.count:
                return matches
            if channel.partition(".")[2] in ids:
                matches.append((channel, payload))
        raise AssertionError("Valkey is silent")


class House:
    def __init__(self, loop: asyncio.AbstractEventLoop, valkey: Valkey) -> None:
        self.loop = loop
        self.valkey = valkey
        self.wire = Wire()
        self.hub = self.run(self._open_hub())
        self.now = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    async def _open_hub(self) -> Hub:
        hub = Hub()
        await hub.pool.open()
        hub.pubsub = self.wire  # type: ignore[assignment]
        return hub

    def close(self) -> None:
        self.run(self.hub.pool.close())

    # Requests

    def ask(self, person: Person, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request, through JSON both ways. Raises Problem if the server refuses."""
        self.now += timedelta(seconds=1)
        route = {"clients": self._register, "pull": self._pull, "push": self._push}
        route["digest"] = self._digest
        try:
            return json.loads(route[path.rpartition("/")[2]](person, json.loads(json.dumps(body))))
        except Exception as error:
            known = problem_of(error)
            if known is None:
                raise
            raise Problem(known.status, {"code": known.code, **known.members}) from error

    def new_client(self, person: Person) -> str:
        """The client id of a phone that has just registered."""
        return str(self.ask(person, "/api/v1/sync/clients", INSTALL)["client_id"])

    def _register(self, person: Person, body: dict[str, Any]) -> str:
        return json.dumps(register(person, parsed(Registration, body), self.now))

    def _pull(self, person: Person, body: dict[str, Any]) -> str:
        return pull(person, pull_request(body), self.now)

    def _digest(self, person: Person, body: dict[str, Any]) -> str:
        return digest(person.id, parsed(DigestRequest, body), self.now)

    def _push(self, person: Person, body: dict[str, Any]) -> str:
        queue = parsed(PushRequest, body)
        answer = push(person, queue, self.now)
        if queue.pull is not None:
            page = pull(person, pull_request(queue.pull, push=body), self.now)
            answer["pull"] = json.loads(page)
        return json.dumps(answer)

    def act(self, person: Person, action: str, data: dict[str, Any]) -> Any:
        """Perform an action that comes from no phone's outbox."""
        self.now += timedelta(seconds=1)
        plain = json.loads(json.dumps(data, default=str))
        return attempt(action, data=plain, call=Call(person, self.now))

    # Live

    def connect(self, person: Person, client_id: str, receive: Callable[[str], None]) -> Socket:
        """A socket whose hello has been sent. Every frame goes to `receive`."""
        return self.run(self._connect(person, client_id, receive))

    async def _connect(
        self, person: Person, client_id: str, receive: Callable[[str], None]
    ) -> Socket:
        async def send(event: dict[str, Any]) -> None:
            receive(event.get("text", ""))

        identity = Identity(person.id, uuid7(), UUID(client_id), inline=True)
        socket = Socket(identity, SendQueue(send), FAR, FAR)
        states = await queries.scope_states(self.hub.pool, person.id)
        heads = await self.hub.join(socket, states)
        epoch = await queries.epoch(self.hub.pool)
        hello = messages.hello(
            epoch=epoch, now=self.now, heartbeat=BEAT, expires_in=900, heads=heads
        )
        socket.queue.start(hello)
        await self._quiet()
        return socket

    def disconnect(self, socket: Socket) -> None:
        socket.queue.stop()
        self.hub.leave(socket)

    def deliver_hint(self, channel: str, payload: bytes) -> None:
        """Deliver one Valkey message to the live tier and wait until it has handled it."""

        async def deliver() -> None:
            self.wire.pass_on(channel, payload)
            await self._quiet()

        self.run(deliver())

    def beat(self) -> None:
        """Send one heartbeat from the live tier."""

        async def send() -> None:
            await heartbeat._send_heartbeats(self.hub)
            await self._quiet()

        self.run(send())

    async def _quiet(self) -> None:
        while self.hub._tasks:
            await asyncio.wait(list(self.hub._tasks))
        for _ in range(3):
            await asyncio.sleep(0)
