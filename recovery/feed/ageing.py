"""What people wrote more than 180 days ago leaves the feed, so that a first sync stays bounded.

The rows stay, and members read them page by page (history.py). Run as `jobs`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from foundation.postgresql import functions
from recovery.feed.collect import collecting
from recovery.feed.documents import KINDS, Kind
from recovery.feed.flush import flush
from recovery.feed.models import Scope
from recovery.feed.upkeep import each, scopes

KEEP = timedelta(days=180)
BATCH = 200
NEVER = datetime(1, 1, 1, tzinfo=UTC)


def age(now: datetime, *, batch: int = BATCH, most: int = 200_000) -> int:
    """Take old entries out of all feeds, in transactions of about `batch` rows, and return their
    number. Stops after `most`; the next night does the rest.

    Raises OperationalError, at the end, if a scope was busy.
    """
    target, total = now - KEEP, 0

    def age_one(scope: uuid.UUID) -> int:
        nonlocal total
        before, more = total, True
        while more and total < most:
            until, more = _next_step(scope, target, batch)
            total += _take_out(scope, until, now)
        return total - before

    return each(_scopes(target), age_one)


def written_kinds() -> Iterator[tuple[Kind, str]]:
    """The kinds that people write, each with the name of the field that holds the time."""
    return ((kind, kind.said_at) for kind in KINDS.values() if kind.said_at)


def _scopes(target: datetime) -> list[uuid.UUID]:
    """The scopes in which something is too old. Those that have waited longest come first."""
    aged_until = Coalesce(OuterRef("aged_until"), Value(NEVER))
    old = Q()
    for kind, field in written_kinds():
        written = kind.model._default_manager.filter(scope_id=OuterRef("id"))
        old |= Q(Exists(written.filter(**{f"{field}__lte": target, f"{field}__gt": aged_until})))
    waiting = sorted(scopes(old), key=lambda scope: (scope.aged_until or NEVER, scope.id))
    return [scope.id for scope in waiting]


def _next_step(scope: uuid.UUID, target: datetime, batch: int) -> tuple[datetime, bool]:
    """The time up to which one step ages the scope, and whether more steps must follow."""
    before = Scope.objects.values_list("aged_until", flat=True).get(id=scope)
    times: list[datetime] = []
    for kind, field in written_kinds():
        waiting = _between(kind, field, scope, before, target)
        times += waiting.order_by(field).values_list(field, flat=True)[: batch + 1]
    return (sorted(times)[batch - 1], True) if len(times) > batch else (target, False)


def _take_out(scope: uuid.UUID, until: datetime, now: datetime) -> int:
    with transaction.atomic(), collecting() as collection:
        [(before,)] = functions.call("age_scope", scope=scope, until=until)
        # Publishing without a document makes the flush store a tombstone.
        for kind, field in written_kinds():
            old = _between(kind, field, scope, before, until).order_by(field, "id")
            ids = old.values_list("id", flat=True)
            collection.rows.update({(scope, kind.name, id_): None for id_ in ids})
        flush(collection, author_id=None, now=now, origin=[])
    return len(collection.rows)


def _between(
    kind: Kind, field: str, scope: uuid.UUID, before: datetime | None, until: datetime
) -> QuerySet[Any]:
    written = kind.model._default_manager.filter(scope_id=scope, **{f"{field}__lte": until})
    return written if before is None else written.filter(**{f"{field}__gt": before})
