"""The end of an action's transaction: number its changes, store their documents, tell `live`."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from recovery.feed import announce
from recovery.feed.collect import Collection, Key
from recovery.feed.documents import projection


@dataclass(frozen=True)
class Entry:
    """One document (None: gone) of one scope at its new number."""

    kind: str
    object_id: uuid.UUID
    seq: int
    doc: str | None


@dataclass(frozen=True)
class Change:
    """What one commit did to one scope: it is now at `seq_to`, having been at `seq_from`."""

    scope_id: uuid.UUID
    name: str
    home_id: uuid.UUID
    seq_from: int
    seq_to: int
    acl: int
    entries: list[Entry]


def flush(
    collection: Collection, *, author_id: uuid.UUID | None, now: datetime, origin: list[object]
) -> list[Change]:
    """Store everything collected in one statement; announce it after the commit.

    `origin` is `[client id, mutation id]`, so that the phone that wrote knows its own frame.
    """
    keys = sorted(collection.rows, key=lambda key: key[0])
    if not keys and not collection.members:
        return []
    docs = [_doc(collection, key) for key in keys]
    changes = list(_numbered(collection, keys, docs, author_id, now))
    transaction.on_commit(lambda: announce.changes(changes, collection.members, origin))
    return changes


def _doc(collection: Collection, key: Key) -> str | None:
    row = collection.rows[key]
    return None if row is None else projection(row)


def _numbered(
    collection: Collection,
    keys: list[Key],
    docs: list[str | None],
    author_id: uuid.UUID | None,
    now: datetime,
) -> Iterator[Change]:
    arrays = [[key[n] for key in keys] for n in range(3)]
    acl = sorted({scope for scope, _ in collection.members})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM flush_feed(%s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::uuid[],"
            " %s, %s)",
            [*arrays, docs, acl, author_id, now],
        )
        numbered = cursor.fetchall()
    for scope_id, name, home_id, start, end, acl_now in numbered:
        mine = [(key, doc) for key, doc in zip(keys, docs, strict=True) if key[0] == scope_id]
        entries = [
            Entry(key[1], key[2], start + n, doc) for n, (key, doc) in enumerate(mine, start=1)
        ]
        yield Change(scope_id, name, home_id, start, end, acl_now, entries)
