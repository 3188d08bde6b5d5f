"""Phones' live sockets on a real hub in this process."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from uuid_utils.compat import uuid7

from recovery.live import messages, queries
from recovery.live.hub import Hub
from recovery.live.send_queue import SendQueue
from recovery.live.socket import Identity, Socket
from recovery.signin.models import User


class PhoneSocket:
    """The socket of one phone, and the frames that the live process sends on it."""

    def __init__(self, hub: Hub, user: User) -> None:
        self.hub = hub
        self.frames: list[dict[str, Any]] = []
        client = uuid7()
        ends = datetime.now(UTC) + timedelta(hours=1)
        identity = Identity(user.id, uuid7(), client, inline=not user.is_staff)
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
