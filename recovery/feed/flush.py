"""The end of an action's transaction: number its changes, store their documents, announce them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from foundation.postgresql import functions
from recovery.feed import announce, documents
from recovery.feed.collect import Collection, Key


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
    seq_from: int
    seq_to: int
    acl: int
    entries: list[Entry]
    for_all: bool


@dataclass(frozen=True)
class Batch:
    """Everything that one action collected, ready to be stored in one statement.

    `docs` and `said_at` run parallel to `keys`. `docs` has None for a tombstone, `said_at`
    for what people do not write.
    """

    keys: list[Key]
    docs: list[str | None]
    said_at: list[datetime | None]
    members: set[tuple[uuid.UUID, uuid.UUID]]

    @classmethod
    def of(cls, collection: Collection) -> Batch:
        keys = list(collection.rows)
        published = list(collection.rows.values())
        docs = [None if row is None else documents.projection(row) for row in published]
        said_at = [None if row is None else documents.said_at(row) for row in published]
        return cls(keys, docs, said_at, collection.members)

    @classmethod
    def empty(cls) -> Batch:
        return cls([], [], [], set())

    def parameters(self) -> dict[str, list[Any]]:
        """What flush_feed takes of this batch."""
        return {
            "scopes": [scope for scope, _, _ in self.keys],
            "kinds": [kind for _, kind, _ in self.keys],
            "objects": [id_ for _, _, id_ in self.keys],
            "docs": self.docs,
            "said_at": self.said_at,
            "changed_acl": sorted({scope for scope, _ in self.members}),
        }

    def changes(self, numbered: list[Any]) -> Iterator[Change]:
        """The changes, from the rows that flush_feed returned."""
        for scope_id, name, start, end, acl, tombstones, for_all in numbered:
            # flush_feed numbers the entries of a scope in the order in which it got them.
            docs = zip(self.keys, self.docs, strict=True)
            mine = enumerate(((k, d) for k, d in docs if k[0] == scope_id), start=start + 1)
            entries = [
                Entry(key[1], key[2], seq, None if seq in (tombstones or ()) else doc)
                for seq, (key, doc) in mine
            ]
            yield Change(scope_id, name, start, end, acl, entries, for_all)


def flush(
    collection: Collection, *, author_id: uuid.UUID | None, now: datetime, origin: list[object]
) -> None:
    """Store everything collected and announce it after the commit, without an action around it.

    `origin` is `[client id, mutation id]`, by which the phone that wrote recognises its own frame.
    """
    batch = Batch.of(collection)
    changes = list(
        batch.changes(functions.call("flush_feed", **batch.parameters(), author=author_id, at=now))
    )
    announce_after_commit(lambda: changes, batch, origin)


def announce_after_commit(
    changes: Callable[[], list[Change]], batch: Batch, origin: list[object]
) -> None:
    """Announce what the transaction does to scopes. `changes` is asked for after the commit, when
    its rows have arrived without anyone waiting for them."""
    transaction.on_commit(lambda: announce.changes(changes(), batch.members, origin))
