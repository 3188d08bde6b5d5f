"""The real server in this process: its sync functions without HTTP, its live tier without sockets.

Only what lies between the machines is ours: requests are handed over as JSON, and Valkey's
messages reach the live tier when the play says so, if at all.
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
from foundation.http import problem_of
from recovery.actions import Call
from recovery.actions.perform import attempt
from recovery.api.sync import clients
from recovery.api.sync.digest import digest
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


class Wire:
    """In the place of the live tier's connection to Valkey: it hears what it is told to hear."""

    is_up = True

    def __init__(self) -> None:
        self.ears: dict[str, Callable[[bytes], None]] = {}

    async def subscribe(self, ears: dict[str, Callable[[bytes], None]]) -> bool:
        self.ears |= ears
        return True

    def unsubscribe(self, channels: list[str]) -> None:
        for channel in channels:
            self.ears.pop(channel, None)

    def pass_on(self, channel: str, payload: bytes) -> None:
        if channel in self.ears:
            self.ears[channel](payload)


class Valkey:
    """What is published meanwhile on real channels, in order, of the scopes and people given."""

    def __init__(self, url: str) -> None:
        self.redis = Redis.from_url(url)
        self.subscription = self.redis.pubsub()
        self.mark = f"mark.{uuid7()}"
        self.count = 0
        self.subscription.psubscribe("scope.*", "user.*", self.mark)

    def heard(self, ids: set[str]) -> list[tuple[str, bytes]]:
        """All messages up to now; a mark of our own comes after them."""
        self.count += 1
        self.redis.publish(self.mark, self.count)
        found: list[tuple[str, bytes]] = []
        while message := self.subscription.get_message(timeout=5):
            if message["type"] != "pmessage":
                continue
            channel, payload = message["channel"].decode(), message["data"]
            if channel == self.mark and int(payload) == self.count:
                return found
            if channel.partition(".")[2] in ids:
                found.append((channel, payload))
        raise AssertionError("Valkey is silent")


class House:
    """`told(person, text)` is called with all bytes that leave for a person's phone."""

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
        """The answer, through JSON both ways. Problem: the server refused."""
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
        return json.dumps(clients.register(person, body, self.now))

    def _pull(self, person: Person, body: dict[str, Any]) -> str:
        return pull(person.id, pull_request(body), self.now)

    def _digest(self, person: Person, body: dict[str, Any]) -> str:
        return digest(person.id, body, self.now)

    def _push(self, person: Person, body: dict[str, Any]) -> str:
        answer = push(person, body, self.now)
        if "pull" in body:
            same = {name: body[name] for name in ("client_id", "schema", "ack") if name in body}
            answer["pull"] = json.loads(self._pull(person, body["pull"] | same))
        return json.dumps(answer)

    def act(self, person: Person, action: str, data: dict[str, Any]) -> Any:
        """What a request does that comes from no phone's queue."""
        self.now += timedelta(seconds=1)
        plain = json.loads(json.dumps(data, default=str))
        return attempt(action, data=plain, call=Call(person, self.now))

    # Live

    def connect(self, person: Person, client_id: str, hear: Callable[[str], None]) -> Socket:
        """A socket that has been greeted; every frame goes to `hear`."""
        return self.run(self._connect(person, client_id, hear))

    async def _connect(self, person: Person, client_id: str, hear: Callable[[str], None]) -> Socket:
        async def send(event: dict[str, Any]) -> None:
            hear(event.get("text", ""))

        identity = Identity(person.id, uuid7(), UUID(client_id), current=True)
        socket = Socket(identity, SendQueue(send), FAR, FAR)
        places = await queries.scope_states(self.hub.pool, person.id)
        heads = await self.hub.join(socket, places)
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

    def hear(self, channel: str, payload: bytes) -> None:
        """One message of Valkey reaches the live tier, which does all that follows from it."""

        async def passed_on() -> None:
            self.wire.pass_on(channel, payload)
            await self._quiet()

        self.run(passed_on())

    def beat(self) -> None:
        """One heartbeat of the live tier."""

        async def beaten() -> None:
            await heartbeat._send_heartbeats(self.hub)
            await self._quiet()

        self.run(beaten())

    async def _quiet(self) -> None:
        while self.hub._tasks:
            await asyncio.wait(list(self.hub._tasks))
        for _ in range(3):
            await asyncio.sleep(0)
