"""A phone whose network is the test: its own store and frame code, a real hub's bytes."""

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
from recovery.api.sync import clients
from recovery.api.sync.pull import pull
from recovery.api.sync.push import push
from recovery.api.sync.wire import pull_request
from recovery.live import messages, queries
from recovery.live.hub import Hub
from recovery.live.send_queue import SendQueue
from recovery.live.socket import Identity, Socket

INSTALL = {"install": "a phone", "platform": "android", "app": "1.0.0", "schema": 1}


class Handset:
    """One person's phone, empty until it pulls."""

    def __init__(self, user: Any, page: int = 500) -> None:
        self.user = user
        self.page = page
        self.answers = Answers(Store(None, Keystore(None)))
        self.answers.take_registration(clients.register(user, INSTALL, datetime.now(UTC)))
        self.asked: list[Callable[[], bool]] = []
        self.alarms: list[Callable[[], None]] = []
        self.frames = Frames(
            self.answers,
            is_pulling=lambda: False,
            ask_pull=self.asked.append,
            later=lambda _, call: self.alarms.append(call),
        )

    def pull(self) -> None:
        """To the end."""
        self.asked.clear()
        more = True
        while more:
            asked = self.answers.request()
            body = {"client_id": asked.client_id, "schema": 1, "cursor": asked.cursor}
            body["limit"] = self.page
            text = pull(self.user.id, pull_request(body), datetime.now(UTC))
            page = json.loads(text)
            assert self.answers.take_pull(asked, page, datetime.now(UTC))
            more = page["has_more"]

    def do(self, action: str, args: dict[str, Any], *looking_at: Document) -> str:
        """Queue it, with the documents that its owner was looking at as its base."""
        base = {f"{seen.kind}/{seen.id}": seen.seq for seen in looking_at}
        when, uuid = datetime.now(UTC).isoformat(), str(uuid7())
        self.answers.queue(
            Mutation(uuid, "main", None, "pending", action, 1, args, base, when, None, None)
        )
        return uuid

    def push(self, *, lose_answer: bool = False) -> list[dict[str, Any]]:
        """Hand in the queue; its results, which the phone may never hear of."""
        asked, now = self.answers.request(), datetime.now(UTC)
        queue = [mutation.wire(0) for mutation in self.answers.outbox.pending("main")]
        body = {"client_id": asked.client_id, "mutations": queue}
        told = json.loads(json.dumps(push(self.user, body, now)))
        if not lose_answer:
            assert self.answers.take_push(asked, "main", told, now)
        results: list[dict[str, Any]] = told["results"]
        return results

    def renumber(self) -> None:
        """Register anew, as a copy from a backup does; the outbox is numbered again."""
        told = clients.register(self.user, INSTALL, datetime.now(UTC))
        self.answers.take_registration(told)

    def hear(self, frame: dict[str, Any]) -> None:
        """Act on a frame as clients/phone/live.py does."""
        match frame["t"]:
            case "hello":
                self.frames.opened(frame["epoch"])
            case "c":
                self.frames.changed(frame)
            case "h":
                self.frames.heads(frame["heads"])
            case _:
                self.asked.append(lambda: True)

    def wants_pull(self) -> bool:
        """Whether anything heard so far asks for one, a poke's delay included."""
        alarms, self.alarms = self.alarms, []
        for alarm in alarms:
            alarm()
        return any(needed() for needed in self.asked)

    def holds(self) -> dict[str, Any]:
        """All that this phone knows of the feed: each scope's cursor and its documents."""
        cache = self.answers.cache
        found: dict[str, Any] = {name: {"at": cache.read_to(name)} for name in cache.scopes()}
        for document in cache.read():
            place = f"{document.kind}/{document.id}"
            found[document.scope][place] = (document.seq, document.body)
        return found


class Line:
    """The socket of one phone: what the live process says on it."""

    def __init__(self, hub: Hub, handset: Handset) -> None:
        self.hub = hub
        self.said: list[dict[str, Any]] = []
        client = uuid7()
        ends = datetime.now(UTC) + timedelta(hours=1)
        identity = Identity(handset.user.id, uuid7(), client, current=True)
        self.socket = Socket(identity, SendQueue(self._send), ends, ends)

    async def open(self) -> None:
        """As recovery/live/app.py does once somebody has been let in."""
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
        """What the next heartbeat says of the scopes that moved."""
        places = await queries.scope_states(self.hub.pool, self.socket.identity.user_id)
        self.socket.queue.put(messages.heartbeat({place.name: place.head for place in places}))

    def heard(self) -> list[dict[str, Any]]:
        """What was said since the last time."""
        said, self.said = self.said, []
        return said

    async def _send(self, event: dict[str, Any]) -> None:
        self.said.append(json.loads(event["text"]))


async def settle(hub: Hub) -> None:
    """Until everything that was announced so far has been said on the sockets."""
    mark, heard = f"settled.{uuid7()}", asyncio.get_running_loop().create_future()
    await hub.pubsub.subscribe({mark: heard.set_result})
    await hub.publish(mark, "now")
    await asyncio.wait_for(heard, 10)
    hub.pubsub.unsubscribe([mark])
    while hub._tasks:
        await asyncio.wait(hub._tasks)
    # Nobody is told when a mailbox is empty.
    while any(socket.queue._frames for socket in hub.sockets):  # noqa: ASYNC110
        await asyncio.sleep(0)
