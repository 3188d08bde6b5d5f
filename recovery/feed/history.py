"""What has left the feed, read by the members of its scope a page at a time, newest first."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from recovery.feed.documents import KINDS, Kind, projection
from recovery.feed.models import FeedEntry, Membership, Scope

Entry = tuple[str, uuid.UUID, int, str]


@dataclass(frozen=True)
class Place:
    """The oldest row of a page: the next page goes on before it."""

    at: datetime
    id: uuid.UUID


@dataclass(frozen=True)
class Page:
    """`rows` and their `entries` (kind, id, seq, document); `next` is None on the last page."""

    rows: list[Any]
    entries: list[Entry]
    next: Place | None


def page(
    user_id: uuid.UUID, scope: uuid.UUID, kind: str, *, before: Place | None, limit: int
) -> Page | None:
    """What was said in a scope before its feed begins, as far as this member may see it; the
    documents are those that the feed would hold. None: they are not in it, or it has none."""
    member = Membership.objects.filter(scope_id=scope, user_id=user_id, held=False).first()
    place = Scope.objects.filter(id=scope, is_open=True).first()
    if member is None or place is None or kind not in KINDS or not KINDS[kind].said_at:
        return None
    if place.aged_until is None:
        return Page([], [], None)
    rows = _rows(KINDS[kind], scope, (member.visible_since, place.aged_until), before, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    rows = rows[:limit]
    field = KINDS[kind].said_at or ""
    after = Place(getattr(last, field), last.id) if last else None
    return Page(rows, _entries(scope, kind, rows), after)


def _rows(
    kind: Kind,
    scope: uuid.UUID,
    span: tuple[datetime | None, datetime],
    before: Place | None,
    limit: int,
) -> list[Any]:
    said, (since, until) = str(kind.said_at), span
    rows = kind.model._default_manager.filter(scope_id=scope, **{f"{said}__lte": until})
    if since:
        rows = rows.filter(**{f"{said}__gte": since})
    if before:
        earlier = Q(**{f"{said}__lt": before.at}) | Q(**{said: before.at, "id__lt": before.id})
        rows = rows.filter(earlier, **{f"{said}__lte": before.at})
    return list(rows.order_by(f"-{said}", "-id")[:limit])


def _entries(scope: uuid.UUID, kind: str, rows: list[Any]) -> list[Entry]:
    """`seq` is the number of the row's last change, for `base`; 0 once nobody remembers it."""
    told = FeedEntry.objects.filter(scope_id=scope, kind=kind, object_id__in=[r.id for r in rows])
    seqs = dict(told.values_list("object_id", "seq"))
    docs = ((row, projection(row)) for row in rows)
    return [(kind, row.id, seqs.get(row.id, 0), doc) for row, doc in docs if doc is not None]
