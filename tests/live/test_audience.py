"""One scope's sockets, without a network: what each is sent, and when the database is queried."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from recovery.live.audience import UNCHECKED, Audience, ChannelMessage, UncheckableError, parse
from recovery.live.send_queue import SendQueue
from recovery.live.socket import Identity, Socket

FRAME = '{"t":"c","s":"group:g","from":1,"to":2,"put":[["message","m",2,{}]],"del":[]}'
POKE = {"t": "c", "s": "group:g", "from": 1, "to": 2}
FAR = datetime(2030, 1, 1, tzinfo=UTC)


class Listener:
    """A socket that records what is written to it."""

    def __init__(self, *, inline: bool = True) -> None:
        self.messages: list[Any] = []
        identity = Identity(uuid7(), uuid7(), uuid7(), inline)
        self.socket = Socket(identity, SendQueue(self.send), FAR, FAR)
        self.socket.queue.start('"hello"')

    @property
    def user(self) -> uuid.UUID:
        return self.socket.identity.user_id

    async def send(self, event: dict[str, Any]) -> None:
        self.messages.append(json.loads(event["text"]))

    async def received(self) -> list[Any]:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return self.messages[1:]


class Memberships:
    """The database's answer, which may change during the query."""

    def __init__(self, acl: int, *members: Listener) -> None:
        self.acl = acl
        self.members = {member.user for member in members}
        self.queries = 0

    async def query(self, _scope: uuid.UUID, users: list[uuid.UUID]) -> tuple[int, set[uuid.UUID]]:
        self.queries += 1
        await asyncio.sleep(0)
        return self.acl, self.members.intersection(users)


def news(acl: int, kind: str = "c", author: str = "-", frame: str = FRAME) -> ChannelMessage:
    return parse(f"{kind} {acl} {author} 44 {frame}".encode())


def audience(*listeners: Listener, acl: int = 1) -> Audience:
    group = Audience(uuid7(), "group:g")
    for listener in listeners:
        group.add(listener.socket, acl, 0)
    return group


async def test_the_same_version_needs_no_query() -> None:
    ann, ben = Listener(), Listener()
    assert audience(ann, ben).receive(news(1)) is False
    assert await ann.received() == await ben.received() == [json.loads(FRAME)]


async def test_a_newer_version_waits_for_the_answer_and_keeps_the_order() -> None:
    stays, removed = Listener(), Listener()
    group, memberships = audience(stays, removed), Memberships(2, stays)
    assert group.receive(news(2)) is True
    second = FRAME.replace('"to":2', '"to":3')
    assert group.receive(news(2, frame=second)) is False
    assert await stays.received() == await removed.received() == []
    assert await group.check(memberships.query) == [removed.socket]
    assert await stays.received() == [json.loads(FRAME), json.loads(second)]
    assert await removed.received() == []
    assert memberships.queries == 1


async def test_a_socket_that_joins_during_the_query_is_checked_too() -> None:
    ann, late = Listener(), Listener()
    group, memberships = audience(ann), Memberships(2, ann)
    group.receive(news(2))
    checking = asyncio.create_task(group.check(memberships.query))
    await asyncio.sleep(0)
    group.add(late.socket, 1, 0)
    assert await checking == [late.socket]
    assert await late.received() == []
    assert memberships.queries == 2


async def test_members_checked_at_different_versions_are_unchecked() -> None:
    ann, ben = Listener(), Listener()
    group = audience(ann, acl=1)
    group.add(ben.socket, 2, 0)
    assert group.acl == UNCHECKED
    assert group.receive(news(2)) is True


async def test_a_frame_from_before_joining_is_only_a_hint() -> None:
    ann = Listener()
    group = audience(ann, acl=5)
    group.receive(news(4))
    group.receive(news(4, kind="e"))
    assert await ann.received() == [POKE]


async def test_an_older_app_gets_only_a_hint() -> None:
    old, new = Listener(inline=False), Listener()
    group = audience(old, new)
    group.receive(news(1))
    group.receive(news(1, author=old.socket.client))
    assert await old.received() == [POKE, POKE]
    assert await new.received() == [json.loads(FRAME)] * 2


async def test_nobody_is_sent_their_own_typing() -> None:
    ann, ben = Listener(), Listener()
    audience(ann, ben).receive(news(1, kind="e", author=str(ann.user), frame='{"t":"e"}'))
    assert await ann.received() == []
    assert await ben.received() == [{"t": "e"}]


async def test_when_the_query_fails_every_socket_gets_a_hint() -> None:
    ann = Listener()
    group = audience(ann)
    group.receive(news(2))
    stale = Memberships(1, ann)
    with pytest.raises(UncheckableError):
        await group.check(stale.query)
    assert await ann.received() == [{"t": "resync", "why": "unchecked"}]
    assert group.pending is None
    assert await group.check(Memberships(2, ann).query, 2) == []
    group.receive(news(2))
    assert (await ann.received())[-1] == json.loads(FRAME)


async def test_unchecked_sockets_are_checked_without_a_frame() -> None:
    ann, ben = Listener(), Listener()
    group = audience(ann, ben)
    assert await group.check(Memberships(2, ann).query, 2) == [ben.socket]
    assert group.acl == 2


def test_an_unparsable_message_is_refused() -> None:
    for payload in (b"", b"c 1 - 0", b"c x - 0 {}", b"\xff\xff 1 - 0 {}"):
        with pytest.raises(ValueError, match=r"unpack|invalid literal|decode"):
            parse(payload)
