"""A heartbeat at the worst moment."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from recovery.api.live import queries, rounds
from recovery.api.live.hub import Hub
from recovery.api.live.mailbox import Mailbox
from recovery.api.live.socket import Identity, Socket
from recovery.people.models import User
from tests.api.live.talk import Talker

FAR = datetime(2090, 1, 1, tzinfo=UTC)


class Beating:
    """In the place of the connection to Valkey: it beats whenever it is asked to listen."""

    is_up = True

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def listen(self, _ears: dict[str, Any]) -> bool:
        await rounds._beat(self.hub)
        return True


@pytest.mark.usefixtures("committed_db")
def test_who_is_just_coming_in_is_not_told_to_pull() -> None:
    heard = asyncio.run(heard_on_entering(Talker().user))
    assert {message["t"] for message in heard} == {"hello", "h"}


async def heard_on_entering(user: User) -> list[dict[str, Any]]:
    heard: list[dict[str, Any]] = []

    async def send(event: dict[str, Any]) -> None:
        heard.append(json.loads(event["text"]))

    hub = Hub()
    hub.bus = Beating(hub)  # type: ignore[assignment]
    async with hub.pool:
        socket = Socket(Identity(user.id, uuid7(), uuid7(), True), Mailbox(send), FAR, FAR)
        socket.mailbox.open('{"t":"hello"}')
        await hub.enter(socket, await queries.places(hub.pool, user.id))
        await asyncio.sleep(0.01)
    return heard
