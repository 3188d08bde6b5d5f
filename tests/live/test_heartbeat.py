"""A heartbeat in the middle of a join, and scopes that changed unannounced."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from recovery.live import heartbeat, queries
from recovery.live.hub import Hub
from recovery.live.send_queue import SendQueue
from recovery.live.socket import Identity, Socket
from recovery.signin.models import User
from tests.cast import make_user, open_group
from tests.live.phones import LivePhone, change_members

FAR = datetime(2090, 1, 1, tzinfo=UTC)


class BeatingPubSub:
    """Replaces the connection to Valkey and sends a heartbeat on every subscribe."""

    is_up = True

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def subscribe(self, _ears: dict[str, Any]) -> bool:
        await heartbeat._send_heartbeats(self.hub)
        return True


class SilentPubSub:
    """A connection to Valkey on which every message is lost."""

    is_up = True

    async def subscribe(self, ears: dict[str, Any]) -> bool:
        return True

    def unsubscribe(self, channels: list[str]) -> None:
        """Nothing was subscribed."""


@pytest.mark.usefixtures("committed_db")
def test_a_joining_socket_gets_no_hint_from_a_heartbeat() -> None:
    messages = asyncio.run(messages_while_joining(LivePhone().user))
    assert {message["t"] for message in messages} == {"hello", "h"}


@pytest.mark.usefixtures("committed_db")
def test_the_next_heartbeat_finds_an_unannounced_change_of_scopes() -> None:
    host, user = make_user(), make_user()
    left, entered = open_group(host, user), open_group(host)
    with asyncio.Runner() as runner:
        hub, socket = runner.run(followed(user))
        moves = {"revoke": (left, user.id), "grant": (entered, user.id, "member")}
        change_members(host, quietly=True, **moves)
        runner.run(heartbeat._send_heartbeats(hub))
        assert f"group:{left}" not in socket.audiences
        assert f"group:{entered}" in socket.audiences
        runner.run(hub.pool.close())


async def followed(user: User) -> tuple[Hub, Socket]:
    hub = Hub()
    hub.pubsub = SilentPubSub()  # type: ignore[assignment]
    await hub.pool.open()
    socket = Socket(Identity(user.id, uuid7(), uuid7(), True), SendQueue(nobody), FAR, FAR)
    await hub.join(socket, await queries.scope_states(hub.pool, user.id))
    return hub, socket


async def nobody(event: dict[str, Any]) -> None:
    """Discards what is sent."""


async def messages_while_joining(user: User) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []

    async def send(event: dict[str, Any]) -> None:
        messages.append(json.loads(event["text"]))

    hub = Hub()
    hub.pubsub = BeatingPubSub(hub)  # type: ignore[assignment]
    async with hub.pool:
        socket = Socket(Identity(user.id, uuid7(), uuid7(), True), SendQueue(send), FAR, FAR)
        socket.queue.start('{"t":"hello"}')
        await hub.join(socket, await queries.scope_states(hub.pool, user.id))
        await asyncio.sleep(0.01)
    return messages
