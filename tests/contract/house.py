"""Everybody's phone around one move: before, what they heard, and after."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.utils import timezone

from recovery.feed import rebuild
from recovery.live.hub import Hub
from recovery.signin.models import User
from tests.cast import make_user
from tests.contract.handset import Handset, Line, settle
from tests.roles import as_role
from tests.servers import owner_url

CHANGES = """
SELECT s.kind, f.kind, f.deleted FROM recovery_scope AS s
JOIN recovery_feedentry AS f ON f.scope_id = s.id
WHERE f.seq > coalesce((SELECT b.seq FROM unnest(%s::uuid[], %s::bigint[]) AS b(id, seq)
                        WHERE b.id = s.id), 0)
"""
HEADS = "SELECT id, kind, name, seq, acl FROM recovery_scope"
HOLD = "SELECT FROM recovery_scope WHERE kind IN ('program', 'library') FOR NO KEY UPDATE"
Heads = dict[UUID, tuple[str, str, int, int]]


class House:
    """`phones` of everybody who has an account, among them a stranger in nobody's scopes."""

    def __init__(self, hub: Hub, loop: asyncio.Runner, records: psycopg.Connection) -> None:
        self.hub, self.loop, self.records = hub, loop, records
        self.phones: dict[UUID, Handset] = {}
        self.lines: dict[UUID, Line] = {}
        self.stranger = make_user()

    def run(self, work: Awaitable[Any]) -> None:
        """And all that follows from it: between two runs the hub's time stands still."""

        async def wait() -> None:
            await work
            await settle(self.hub)

        self.loop.run(wait())

    def gather(self) -> None:
        """Everybody has a phone that is up to date and listens."""
        for user in User.objects.exclude(id__in=self.phones):
            self.phones[user.id] = Handset(user)
            self.lines[user.id] = Line(self.hub, self.phones[user.id])
            self.run(self.lines[user.id].open())
        self.listen()
        for phone in self.phones.values():
            phone.pull()

    def listen(self) -> dict[UUID, list[dict[str, Any]]]:
        """What was said to each since the last time; their phones have acted on it."""
        self.loop.run(settle(self.hub))
        said = {user: line.heard() for user, line in self.lines.items()}
        for user, frames in said.items():
            for frame in frames:
                self.phones[user].hear(frame)
        return said

    def beat(self) -> None:
        """A heartbeat reaches everybody."""
        for line in self.lines.values():
            self.run(line.beat())
        self.listen()

    def holds(self) -> dict[UUID, Any]:
        return {user: phone.holds() for user, phone in self.phones.items()}

    def renew(self) -> dict[UUID, Any]:
        """Everybody throws their phone away and reads everything anew; what they then hold."""
        for user, old in self.phones.items():
            fresh = Handset(old.user)
            fresh.pull()
            fresh.frames.epoch = fresh.answers.cache.epoch()
            self.phones[user] = fresh
        return self.holds()

    @contextmanager
    def hot_scopes_held(self) -> Iterator[None]:
        """Nobody else can number anything in what everybody reads (I16)."""
        with self.records.transaction():
            self.records.execute(HOLD)
            yield

    def heads(self) -> Heads:
        rows = self.records.execute(HEADS).fetchall()
        return {id_: (kind, name, seq, acl) for id_, kind, name, seq, acl in rows}

    def told_since(self, before: Heads) -> set[str]:
        """What was published, in the words of `Move.tells`."""
        seqs = [list(before), [head[2] for head in before.values()]]
        rows = self.records.execute(CHANGES, seqs).fetchall()
        told = {f"{scope}/{'-' * gone}{kind}" for scope, kind, gone in rows}
        moved = [h for id_, h in self.heads().items() if h[3] != before.get(id_, (0, 0, 0, 0))[3]]
        return told | {f"{head[0]}/members" for head in moved}


def repair() -> None:
    """Bring into the feed what tests/cast puts straight into the tables."""
    with as_role("jobs"):
        rebuild.repair(timezone.now())


def differences() -> list[tuple[str, UUID]]:
    """In what the feed is not the projection of the rows."""
    with as_role("jobs"):
        return [(each.kind, each.object_id) for each in rebuild.differences()]


@contextmanager
def listening() -> Iterator[House]:
    """A house with a live hub of its own."""
    with asyncio.Runner() as loop, psycopg.connect(owner(), autocommit=True) as records:
        hub, hearing = loop.run(_begin())
        house = House(hub, loop, records)
        yield house
        loop.run(_end(house, hearing))


def owner() -> str:
    return owner_url(settings.DATABASES["default"]["NAME"])


async def _begin() -> tuple[Hub, asyncio.Task[None]]:
    hub = Hub()
    await hub.pool.open()
    hearing = asyncio.create_task(hub.pubsub.run())
    while not hub.pubsub.is_up:  # noqa: ASYNC110  # it tells nobody
        await asyncio.sleep(0.001)
    return hub, hearing


async def _end(house: House, hearing: asyncio.Task[None]) -> None:
    for line in house.lines.values():
        await line.close()
    await settle(house.hub)
    hearing.cancel()
    await asyncio.gather(hearing, return_exceptions=True)
    await house.hub.valkey.aclose()
    await house.hub.pool.close()
