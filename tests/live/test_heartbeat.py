"""A heartbeat in the middle of a join, and scopes that changed unannounced."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import Settings
from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from recovery.live import heartbeat, queries
from recovery.live.audience import ChannelMessage
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


@pytest.mark.usefixtures("committed_db")
def test_a_round_that_fails_is_not_the_last(settings: Settings) -> None:
    settings.LIVE_CHECK = 0
    with capture_logs() as logs:
        assert asyncio.run(is_checked_twice(Broken()))
    assert {entry["event"] for entry in logs} == {"live_round_failed"}


class Broken:
    """A socket that cannot be checked."""

    def __init__(self) -> None:
        self.checks = 0
        self.checked_twice = asyncio.Event()

    def overdue(self, now: datetime) -> None:
        self.checks += 1
        if self.checks == 2:
            self.checked_twice.set()
        raise LookupError


async def is_checked_twice(socket: Broken) -> bool:
    hub = Hub()
    hub.sockets.add(socket)  # type: ignore[arg-type]
    rounds = asyncio.create_task(heartbeat.run_checks(hub))
    twice = asyncio.create_task(socket.checked_twice.wait())
    done, _ = await asyncio.wait([rounds, twice], return_when=asyncio.FIRST_COMPLETED)
    rounds.cancel()
    return twice in done


@pytest.mark.usefixtures("committed_db")
def test_a_frame_that_comes_before_the_heartbeats_check_waits_for_it() -> None:
    host, user = make_user(), make_user()
    left = open_group(host, user)
    with asyncio.Runner() as runner:
        hub, _ = runner.run(followed(user))
        change_members(host, quietly=True, revoke=(left, user.id))

        async def heartbeat_then_frame() -> bool:
            # The heartbeat has spawned its check, which has not run yet.
            await heartbeat._moved_heads(hub)
            return hub.audiences[left].receive(ChannelMessage("c", 99, "-", "1", "{}", 2))

        assert runner.run(heartbeat_then_frame()) is False
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
