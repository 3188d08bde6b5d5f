"""A phone whose network is the test. Its store and frame code are the real client's, and a real
hub's bytes reach it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from uuid_utils.compat import uuid7

from clients.phone.answers import Answers
from clients.phone.cache import Document
from clients.phone.frames import Frames
from clients.phone.keystore import Keystore
from clients.phone.outbox import Mutation
from clients.phone.store import Store
from foundation.fields import parsed
from recovery.api.sync.clients import Registration, register
from recovery.api.sync.mutations import PushRequest
from recovery.api.sync.pull import pull
from recovery.api.sync.push import push
from recovery.api.sync.wire import pull_request
from recovery.live import messages, queries
from recovery.live.hub import Hub
from recovery.live.send_queue import SendQueue
from recovery.live.socket import Identity, Socket

INSTALL = Registration("a phone", "android", "1.0.0", schema=1)


class Handset:
    """One person's phone, empty until it pulls."""

    def __init__(self, user: Any, page: int = 500) -> None:
        self.user = user
        self.page = page
        self.answers = Answers(Store(None, Keystore(None)))
        self.answers.take_registration(register(user, INSTALL, datetime.now(UTC)))
        self.pull_conditions: list[Callable[[], bool]] = []
        self.alarms: list[Callable[[], None]] = []
        self.frames = Frames(
            self.answers,
            is_pulling=lambda: False,
            ask_pull=self.pull_conditions.append,
            later=lambda _, call: self.alarms.append(call),
        )

    def pull(self) -> None:
        """Pull until nothing is left."""
        self.pull_conditions.clear()
        more = True
        while more:
            request = self.answers.request()
            body = {"client_id": request.client_id, "schema": 1, "cursor": request.cursor}
            body["limit"] = self.page
            text = pull(self.user.id, pull_request(body), datetime.now(UTC))
            page = json.loads(text)
            assert self.answers.take_pull(request, page, datetime.now(UTC))
            more = page["has_more"]

    def do(self, action: str, args: dict[str, Any], *looking_at: Document) -> str:
        """Queue a mutation. Its base is the documents that the user was looking at."""
        base = {f"{seen.kind}/{seen.id}": seen.seq for seen in looking_at}
        when, uuid = datetime.now(UTC).isoformat(), str(uuid7())
        self.answers.queue(
            Mutation(uuid, "main", None, "pending", action, 1, args, base, when, None, None)
        )
        return uuid

    def push(self, *, lose_answer: bool = False) -> list[dict[str, Any]]:
        """Push the queue. Returns the results even if the phone does not receive them."""
        request, now = self.answers.request(), datetime.now(UTC)
        queue = [mutation.wire(0) for mutation in self.answers.outbox.pending("main")]
        body = {"client_id": request.client_id, "mutations": queue}
        answer = json.loads(json.dumps(push(self.user, parsed(PushRequest, body), now)))
        if not lose_answer:
            assert self.answers.take_push(request, "main", answer, now)
        results: list[dict[str, Any]] = answer["results"]
        return results

    def renumber(self) -> None:
        """Register again, as a copy from a backup does. The outbox is renumbered."""
        registration = register(self.user, INSTALL, datetime.now(UTC))
        self.answers.take_registration(registration)

    def receive(self, frame: dict[str, Any]) -> None:
        """Handle a frame as clients/phone/live.py does."""
        match frame["t"]:
            case "hello":
                self.frames.opened(frame["epoch"])
            case "c":
                self.frames.changed(frame)
            case "h":
                self.frames.heads(frame["heads"])
            case _:
                self.pull_conditions.append(lambda: True)

    def wants_pull(self) -> bool:
        """Whether any frame so far calls for a pull. Delayed pokes count at once."""
        alarms, self.alarms = self.alarms, []
        for alarm in alarms:
            alarm()
        return any(needed() for needed in self.pull_conditions)

    def holds(self) -> dict[str, Any]:
        """Everything the phone has from the feed: each scope's position and documents."""
        cache = self.answers.cache
        held: dict[str, Any] = {name: {"at": cache.read_to(name)} for name in cache.scopes()}
        for document in cache.read():
            key = f"{document.kind}/{document.id}"
            held[document.scope][key] = (document.seq, document.body)
        return held


class Line:
    """The socket of one phone, and the frames that the live process sends on it."""

    def __init__(self, hub: Hub, handset: Handset) -> None:
        self.hub = hub
        self.frames: list[dict[str, Any]] = []
        client = uuid7()
        ends = datetime.now(UTC) + timedelta(hours=1)
        identity = Identity(handset.user.id, uuid7(), client, current=True)
        self.socket = Socket(identity, SendQueue(self._send), ends, ends)

    async def open(self) -> None:
        """Does what recovery/live/app.py does once it has accepted a socket."""
        user = self.socket.identity.user_id
        heads = await self.hub.join(self.socket, await queries.scope_states(self.hub.pool, user))
        epoch = await queries.epoch(self.hub.pool)
        now = datetime.now(UTC)
        hello = messages.hello(epoch=epoch, now=now, heartbeat=25, expires_in=900, heads=heads)
        self.socket.queue.start(hello)

    async def close(self) -> None:
        self.hub.leave(self.socket)
        self.socket.queue.stop()
        await self.socket.queue.wait_closed()

    async def beat(self) -> None:
        """Send a heartbeat with the current heads."""
        states = await queries.scope_states(self.hub.pool, self.socket.identity.user_id)
        self.socket.queue.put(messages.heartbeat({state.name: state.head for state in states}))

    def received(self) -> list[dict[str, Any]]:
        """The frames since the last call."""
        frames, self.frames = self.frames, []
        return frames

    async def _send(self, event: dict[str, Any]) -> None:
        self.frames.append(json.loads(event["text"]))


async def settle(hub: Hub) -> None:
    """Wait until every announcement so far has been sent on the sockets."""
    channel, seen = f"settled.{uuid7()}", asyncio.get_running_loop().create_future()
    await hub.pubsub.subscribe({channel: seen.set_result})
    await hub.publish(channel, "now")
    await asyncio.wait_for(seen, 10)
    hub.pubsub.unsubscribe([channel])
    while hub._tasks:
        await asyncio.wait(hub._tasks)
    # Nothing signals that a send queue is empty.
    while any(socket.queue._frames for socket in hub.sockets):  # noqa: ASYNC110
        await asyncio.sleep(0)
