"""What was said more than 180 days ago leaves the feed, so that a first sync stays bounded. The
rows stay, and members read them page by page: history.py. Run as `jobs`."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from recovery.feed.collect import collecting
from recovery.feed.documents import KINDS, Kind
from recovery.feed.flush import flush
from recovery.feed.models import Scope
from recovery.feed.upkeep import each, scopes

KEEP = timedelta(days=180)
BATCH = 200
NEVER = datetime(1, 1, 1, tzinfo=UTC)


def age(now: datetime, *, batch: int = BATCH, most: int = 200_000) -> int:
    """Let all scopes let go of what is too old, in transactions of about `batch` rows, until
    `most` have left; how many did. What is not done tonight is done tomorrow.

    OperationalError: not in every scope, this time.
    """
    target, left = now - KEEP, 0

    def let_go(scope: uuid.UUID) -> int:
        nonlocal left
        before, more = left, True
        while more and left < most:
            until, more = _until(scope, target, batch)
            left += _let_go(scope, until, now)
        return left - before

    return each(_scopes(target), let_go)


def said() -> Iterator[tuple[Kind, str]]:
    """The kinds that somebody says, each with the field that tells when."""
    return ((kind, kind.said_at) for kind in KINDS.values() if kind.said_at)


def _scopes(target: datetime) -> list[uuid.UUID]:
    """The scopes in which something is too old, first those that have waited longest."""
    let_go = Coalesce(OuterRef("aged_until"), Value(NEVER))
    old = Q()
    for kind, field in said():
        rows = kind.model._default_manager.filter(scope_id=OuterRef("id"))
        old |= Q(Exists(rows.filter(**{f"{field}__lte": target, f"{field}__gt": let_go})))
    waiting = sorted(scopes(old), key=lambda scope: (scope.aged_until or NEVER, scope.id))
    return [scope.id for scope in waiting]


def _until(scope: uuid.UUID, target: datetime, batch: int) -> tuple[datetime, bool]:
    """Up to when one step goes, and whether there will be more."""
    before = Scope.objects.values_list("aged_until", flat=True).get(id=scope)
    times: list[datetime] = []
    for kind, field in said():
        rows = _between(kind, field, scope, before, target)
        times += rows.order_by(field).values_list(field, flat=True)[: batch + 1]
    return (sorted(times)[batch - 1], True) if len(times) > batch else (target, False)


def _let_go(scope: uuid.UUID, until: datetime, now: datetime) -> int:
    with transaction.atomic(), collecting() as collection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT age_scope(%s, %s)", [scope, until])
            before = cursor.fetchone()[0]
        for kind, field in said():
            rows = _between(kind, field, scope, before, until).values_list("id", flat=True)
            collection.rows.update({(scope, kind.name, id_): None for id_ in rows})
        flush(collection, author_id=None, now=now, origin=[])
    return len(collection.rows)


def _between(
    kind: Kind, field: str, scope: uuid.UUID, before: datetime | None, until: datetime
) -> QuerySet[Any]:
    rows = kind.model._default_manager.filter(scope_id=scope, **{f"{field}__lte": until})
    return rows if before is None else rows.filter(**{f"{field}__gt": before})
