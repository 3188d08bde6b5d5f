"""Compare the feed with the rows it is derived from, and repair it.

Run as `jobs`, which sees every scope. A difference is a defect: an action that changed a row
without calling `publish`, or a restore that stopped half-way.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from recovery.feed.collect import collecting
from recovery.feed.documents import KINDS, Kind, has_left, projection
from recovery.feed.flush import flush
from recovery.feed.models import FeedEntry, Scope


@dataclass(frozen=True)
class Difference:
    """`expected` is the row's document, or None if the feed should have none."""

    scope_id: uuid.UUID
    kind: str
    object_id: uuid.UUID
    expected: str | None
    row: object | None


def differences() -> Iterator[Difference]:
    for kind in KINDS.values():
        yield from _of_kind(kind)


def _of_kind(kind: Kind) -> Iterator[Difference]:
    stored, aged = _stored(kind.name), _aged() if kind.said_at else {}
    row: Any
    for row in kind.model._default_manager.iterator():
        key = (row.scope_id, row.pk)
        expected = None if has_left(row, aged.get(row.scope_id)) else projection(row)
        if not _same(stored.pop(key, None), expected):
            yield Difference(*_key(kind, key), expected, row)
    for key in stored:
        yield Difference(*_key(kind, key), None, None)


def _aged() -> dict[uuid.UUID, datetime | None]:
    """Scopes that have been aged, each with the time up to which nothing is in its feed."""
    scopes = Scope.objects.filter(aged_until__isnull=False)
    return dict(scopes.values_list("id", "aged_until"))


def _same(stored: str | None, expected: str | None) -> bool:
    """Whether they are equal as JSON: jsonb columns return their keys in another order."""
    if stored is None or expected is None:
        return stored is expected
    return stored == expected or json.loads(stored) == json.loads(expected)


def _key(kind: Kind, key: tuple[uuid.UUID, uuid.UUID]) -> tuple[uuid.UUID, str, uuid.UUID]:
    return key[0], kind.name, key[1]


def _stored(kind: str) -> dict[tuple[uuid.UUID, uuid.UUID], str]:
    entries = FeedEntry.objects.filter(kind=kind, deleted=False)
    return {(e.scope_id, e.object_id): e.doc for e in entries.iterator()}


def repair(now: datetime) -> int:
    """Publish every difference again, one scope per transaction, and return their number."""
    by_scope: dict[uuid.UUID, list[Difference]] = {}
    for difference in differences():
        by_scope.setdefault(difference.scope_id, []).append(difference)
    for group in by_scope.values():
        with transaction.atomic(), collecting() as collection:
            collection.rows.update({(d.scope_id, d.kind, d.object_id): d.row for d in group})
            flush(collection, author_id=None, now=now, origin=[])
    return sum(len(group) for group in by_scope.values())
