"""What has left the feed. Members of the scope read it page by page, newest first."""

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
class PageToken:
    """The oldest row of a page. The next page holds rows older than this one."""

    at: datetime
    id: uuid.UUID


@dataclass(frozen=True)
class Page:
    """`rows`, and `entries` as (kind, id, seq, document). `next` is None on the last page."""

    rows: list[Any]
    entries: list[Entry]
    next: PageToken | None


def page(
    user_id: uuid.UUID, scope: uuid.UUID, kind: str, *, before: PageToken | None, limit: int
) -> Page | None:
    """What people wrote before the feed of the scope begins, as far as this member may see it.

    The documents are the ones the feed would hold. None if the user is no member of the scope, or
    if the kind has no history.
    """
    member = Membership.objects.filter(scope_id=scope, user_id=user_id, held=False).first()
    open_scope = Scope.objects.filter(id=scope, is_open=True).first()
    if member is None or open_scope is None or kind not in KINDS or not KINDS[kind].said_at:
        return None
    if open_scope.aged_until is None:
        return Page([], [], None)
    rows = _rows(
        KINDS[kind], scope, (member.visible_since, open_scope.aged_until), before, limit + 1
    )
    last = rows[limit - 1] if len(rows) > limit else None
    rows = rows[:limit]
    field = KINDS[kind].said_at or ""
    after = PageToken(getattr(last, field), last.id) if last else None
    return Page(rows, _entries(scope, kind, rows), after)


def _rows(
    kind: Kind,
    scope: uuid.UUID,
    span: tuple[datetime | None, datetime],
    before: PageToken | None,
    limit: int,
) -> list[Any]:
    field, (since, until) = str(kind.said_at), span
    rows = kind.model._default_manager.filter(scope_id=scope, **{f"{field}__lte": until})
    if since:
        rows = rows.filter(**{f"{field}__gte": since})
    if before:
        earlier = Q(**{f"{field}__lt": before.at}) | Q(**{field: before.at, "id__lt": before.id})
        # The second condition is implied, but unlike the OR it can use the index.
        rows = rows.filter(earlier, **{f"{field}__lte": before.at})
    return list(rows.order_by(f"-{field}", "-id")[:limit])


def _entries(scope: uuid.UUID, kind: str, rows: list[Any]) -> list[Entry]:
    """`seq` is the row's last change, which a phone sends as `base`. 0 once its entry is gone."""
    published = FeedEntry.objects.filter(
        scope_id=scope, kind=kind, object_id__in=[r.id for r in rows]
    )
    seqs = dict(published.values_list("object_id", "seq"))
    docs = ((row, projection(row)) for row in rows)
    return [(kind, row.id, seqs.get(row.id, 0), doc) for row, doc in docs if doc is not None]
