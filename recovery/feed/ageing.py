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

KEEP = timedelta(days=180)
BATCH = 200
NEVER = datetime(1, 1, 1, tzinfo=UTC)


def age(now: datetime, *, batch: int = BATCH, most: int = 5_000) -> int:
    """Let all scopes let go of what is too old, in at most `most` transactions of about `batch`
    rows; how many rows left. What is not done tonight is done tomorrow."""
    target, left, steps = now - KEEP, 0, 0
    for scope in _scopes(target):
        more = True
        while more and steps < most:
            until, more = _until(scope, target, batch)
            left, steps = left + _let_go(scope, until, now), steps + 1
    return left


def said() -> Iterator[tuple[Kind, str]]:
    """The kinds that somebody says, each with the field that tells when."""
    return ((kind, kind.said_at) for kind in KINDS.values() if kind.said_at)


def _scopes(target: datetime) -> list[uuid.UUID]:
    """The scopes in which something is too old."""
    let_go = Coalesce(OuterRef("aged_until"), Value(NEVER))
    old = Q()
    for kind, field in said():
        rows = kind.model._default_manager.filter(scope_id=OuterRef("id"))
        old |= Q(Exists(rows.filter(**{f"{field}__lte": target, f"{field}__gt": let_go})))
    return list(Scope.objects.filter(old).order_by("id").values_list("id", flat=True))


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
