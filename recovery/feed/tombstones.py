"""Tombstones are kept for 90 days. A phone that was away for longer may have missed one, so it is
reset in the scopes concerned: see sql/tombstones.sql. Run as `jobs`."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from foundation.postgresql import functions
from recovery.feed.models import FeedEntry, Scope
from recovery.feed.upkeep import each, scopes

KEEP = timedelta(days=90)
BATCH = 1_000


def collect(now: datetime, *, batch: int = BATCH) -> int:
    """Delete old tombstones, `batch` of them per transaction, and return their number.

    Raises OperationalError, at the end, if a scope was busy.
    """
    before = now - KEEP
    return each(_scopes(before), lambda scope: _collect(scope.id, before, batch))


def _scopes(before: datetime) -> Iterator[Scope]:
    old = FeedEntry.objects.filter(
        scope_id=OuterRef("id"), deleted=True, changed_at__lt=before
    ).order_by()
    return scopes(Q(Exists(old)))


def _collect(scope: uuid.UUID, before: datetime, batch: int) -> int:
    total, n = 0, batch
    while n == batch:
        [(n,)] = functions.call("collect_tombstones", scope=scope, before=before, most=batch)
        total += n
    return total
