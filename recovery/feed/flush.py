"""The end of an action's transaction: number its changes, store their documents, announce them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from recovery.feed import announce
from recovery.feed.collect import Collection, Key
from recovery.feed.documents import projection, said_at


class Entry(NamedTuple):
    """One document at its new seq. `doc` is None for a tombstone."""

    kind: str
    object_id: uuid.UUID
    seq: int
    doc: str | None


@dataclass(frozen=True)
class Change:
    """What one commit did to one scope: its head moved from `seq_from` to `seq_to`.

    `for_all` is True if every member may see every entry.
    """

    scope_id: uuid.UUID
    name: str
    home_id: uuid.UUID
    seq_from: int
    seq_to: int
    acl: int
    entries: list[Entry]
    for_all: bool


@dataclass(frozen=True)
class Batch:
    """Everything that one action collected, ready to be stored in one statement.

    `docs` and `written_at` run parallel to `keys`. `docs` has None for a tombstone, `written_at`
    for what people do not write.
    """

    keys: list[Key]
    docs: list[str | None]
    written_at: list[datetime | None]
    members: set[tuple[uuid.UUID, uuid.UUID]]

    @classmethod
    def of(cls, collection: Collection) -> Batch:
        keys = list(collection.rows)
        rows = list(collection.rows.values())
        docs = [None if row is None else projection(row) for row in rows]
        written_at = [None if row is None else said_at(row) for row in rows]
        return cls(keys, docs, written_at, collection.members)

    @classmethod
    def empty(cls) -> Batch:
        return cls([], [], [], set())

    def arrays(self) -> list[Any]:
        """The first six parameters of flush_feed, in their order."""
        scopes, kinds, ids = ([key[n] for key in self.keys] for n in range(3))
        changed_acl = sorted({scope for scope, _ in self.members})
        return [scopes, kinds, ids, self.docs, self.written_at, changed_acl]

    def changes(self, numbered: list[Any]) -> Iterator[Change]:
        """The changes, from the rows that flush_feed returned."""
        for scope_id, name, home_id, start, end, acl, tombstones, for_all in numbered:
            # flush_feed numbers the entries of a scope in the order in which it got them.
            docs = zip(self.keys, self.docs, strict=True)
            mine = enumerate(((k, d) for k, d in docs if k[0] == scope_id), start=start + 1)
            entries = [
                Entry(key[1], key[2], seq, None if seq in (tombstones or ()) else doc)
                for seq, (key, doc) in mine
            ]
            yield Change(scope_id, name, home_id, start, end, acl, entries, for_all)


def flush(
    collection: Collection, *, author_id: uuid.UUID | None, now: datetime, origin: list[object]
) -> None:
    """Store everything collected and announce it after the commit, without an action around it.

    `origin` is `[client id, mutation id]`, by which the phone that wrote recognises its own frame.
    """
    batch = Batch.of(collection)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM flush_feed(%s::uuid[], %s::text[], %s::uuid[], %s::text[],"
            " %s::timestamptz[], %s::uuid[], %s, %s)",
            [*batch.arrays(), author_id, now],
        )
        changes = list(batch.changes(cursor.fetchall()))
    announce_after_commit(lambda: changes, batch, origin)


def announce_after_commit(
    changes: Callable[[], list[Change]], batch: Batch, origin: list[object]
) -> None:
    """Announce what the transaction does to scopes. `changes` is asked for after the commit, when
    its rows have arrived without anyone waiting for them."""
    transaction.on_commit(lambda: announce.changes(changes(), batch.members, origin))
