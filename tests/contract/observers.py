"""A phone with an open socket for everyone: what all hold before and after a move, and the frames
between."""

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
from tests.cast import ReferencePhone, make_user
from tests.contract.sockets import PhoneSocket, settle
from tests.roles import as_role
from tests.servers import owner_url

CHANGES = """
SELECT s.kind, f.kind, f.deleted FROM recovery_scope AS s
JOIN recovery_feedentry AS f ON f.scope_id = s.id
WHERE f.seq > coalesce((SELECT b.seq FROM unnest(%s::uuid[], %s::bigint[]) AS b(id, seq)
                        WHERE b.id = s.id), 0)
"""
ENTRIES = """
SELECT s.name, f.kind, f.object_id::text, f.doc::jsonb FROM recovery_scope AS s
JOIN recovery_feedentry AS f ON f.scope_id = s.id AND NOT f.deleted
WHERE f.seq > coalesce((SELECT b.seq FROM unnest(%s::uuid[], %s::bigint[]) AS b(id, seq)
                        WHERE b.id = s.id), 0)
"""
HEADS = "SELECT id, kind, name, seq, acl FROM recovery_scope"
HOLD = "SELECT FROM recovery_scope WHERE kind IN ('program', 'library') FOR NO KEY UPDATE"
Heads = dict[UUID, tuple[str, str, int, int]]


class Observers:
    """`phones` has one for every account, including a stranger who shares no scope with anyone."""

    def __init__(self, hub: Hub, loop: asyncio.Runner, records: psycopg.Connection) -> None:
        self.hub, self.loop, self.records = hub, loop, records
        self.phones: dict[UUID, ReferencePhone] = {}
        self.sockets: dict[UUID, PhoneSocket] = {}
        self.stranger = make_user()

    def run(self, work: Awaitable[Any]) -> None:
        """Run `work` and everything that it triggers. The hub is idle between two runs."""

        async def wait() -> None:
            await work
            await settle(self.hub)

        self.loop.run(wait())

    def gather(self) -> None:
        """Give everyone an up-to-date phone with an open socket."""
        for user in User.objects.exclude(id__in=self.phones):
            self.phones[user.id] = ReferencePhone(user)
            self.sockets[user.id] = PhoneSocket(self.hub, user)
            self.run(self.sockets[user.id].open())
        self.listen()
        for phone in self.phones.values():
            phone.pull()

    def listen(self) -> dict[UUID, list[dict[str, Any]]]:
        """Let each phone handle its new frames. Returns the frames by user."""
        self.loop.run(settle(self.hub))
        frames_by_user = {user: socket.received() for user, socket in self.sockets.items()}
        for user, frames in frames_by_user.items():
            for frame in frames:
                self.phones[user].receive(frame)
        return frames_by_user

    def beat(self) -> None:
        """Deliver a heartbeat to everyone."""
        for socket in self.sockets.values():
            self.run(socket.beat())
        self.listen()

    def contents(self) -> dict[UUID, Any]:
        """What every phone holds."""
        return {user: phone.contents() for user, phone in self.phones.items()}

    def renew(self) -> dict[UUID, Any]:
        """Replace every phone by an empty one that pulls. Returns what they then hold."""
        for user, old in self.phones.items():
            fresh = ReferencePhone(old.user, pulled=True)
            fresh.frames.epoch = fresh.answers.cache.epoch()
            self.phones[user] = fresh
        return self.contents()

    @contextmanager
    def shared_scopes_locked(self) -> Iterator[None]:
        """Hold the row locks of the scopes that everyone reads: no one else gets a seq (I16)."""
        with self.records.transaction():
            self.records.execute(HOLD)
            yield

    def heads(self) -> Heads:
        rows = self.records.execute(HEADS).fetchall()
        return {id_: (kind, name, seq, acl) for id_, kind, name, seq, acl in rows}

    def published_since(self, before: Heads) -> set[str]:
        """What was published since, in the notation of `Move.tells`."""
        rows = self.records.execute(CHANGES, _seqs(before)).fetchall()
        published = {f"{scope}/{'-' * deleted}{kind}" for scope, kind, deleted in rows}
        changed = [
            head
            for id_, head in self.heads().items()
            if head[3] != before.get(id_, (0, 0, 0, 0))[3]
        ]
        return published | {f"{head[0]}/members" for head in changed}

    def entries_since(self, before: Heads) -> list[tuple[str, str, str, dict[str, Any]]]:
        """The documents among it: name of the scope, kind, id and document."""
        return self.records.execute(ENTRIES, _seqs(before)).fetchall()


def _seqs(heads: Heads) -> list[Any]:
    return [list(heads), [head[2] for head in heads.values()]]


def repair() -> None:
    """Publish the rows that tests/cast writes straight into the tables."""
    with as_role("jobs"):
        rebuild.repair(timezone.now())


def differences() -> list[tuple[str, UUID]]:
    """Where the feed is not the projection of the rows."""
    with as_role("jobs"):
        return [(each.kind, each.object_id) for each in rebuild.differences()]


@contextmanager
def listening() -> Iterator[Observers]:
    """Observers with a live hub of their own."""
    with asyncio.Runner() as loop, psycopg.connect(owner(), autocommit=True) as records:
        hub, subscription = loop.run(_begin())
        observers = Observers(hub, loop, records)
        yield observers
        loop.run(_end(observers, subscription))


def owner() -> str:
    return owner_url(settings.DATABASES["default"]["NAME"])


async def _begin() -> tuple[Hub, asyncio.Task[None]]:
    hub = Hub()
    await hub.pool.open()
    subscription = asyncio.create_task(hub.pubsub.run())
    while not hub.pubsub.is_up:  # noqa: ASYNC110  # nothing signals it
        await asyncio.sleep(0.001)
    return hub, subscription


async def _end(observers: Observers, subscription: asyncio.Task[None]) -> None:
    for socket in observers.sockets.values():
        await socket.close()
    await settle(observers.hub)
    subscription.cancel()
    await asyncio.gather(subscription, return_exceptions=True)
    await observers.hub.valkey.aclose()
    await observers.hub.pool.close()
