"""Delete what nothing refers to any more.

Rows go first, then files. A crash in between leaves stray files, which the next run deletes.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from procrastinate.contrib.django import app

from recovery.blobs import storage
from recovery.blobs.models import Blob, BlobUse, Upload
from recovery.blobs.rules import KEPT_UNUSED
from recovery.feed.models import Membership, Scope
from recovery.feed.upkeep import RETRY

BATCH = 500


@app.periodic(cron="27 * * * *")
@app.task(name="blobs.collect", queueing_lock="blobs.collect", retry=RETRY)
def collect(timestamp: int) -> None:
    """Delete abandoned uploads, files that no object ever showed, and files of ended scopes."""
    old = timezone.now() - KEPT_UNUSED
    Upload.objects.filter(touched_at__lt=old).delete()
    uses = BlobUse.objects.filter(blob_id=OuterRef("id"))
    recent = Upload.objects.filter(blob_id=OuterRef("id"))
    _erase(Blob.objects.filter(~Exists(uses), ~Exists(recent), stored_at__lt=old))
    for scope_id in _ended_scopes():
        _empty(scope_id)
    _delete_strays(old)


@app.task(name="blobs.empty_scope", retry=RETRY)
def empty_scope(scope_id: str) -> None:
    """Delete the files of a scope that no one is in any more."""
    _empty(uuid.UUID(scope_id))


def _empty(scope_id: uuid.UUID) -> None:
    BlobUse.objects.filter(scope_id=scope_id).delete()
    _erase(Blob.objects.filter(scope_id=scope_id))


def _erase(blobs: QuerySet[Blob]) -> None:
    with transaction.atomic():
        locked = blobs.select_for_update(no_key=True, of=("self",), skip_locked=True)
        ids = list(locked.values_list("id", flat=True))
        Blob.objects.filter(id__in=ids).delete()
    for blob_id in ids:
        storage.delete(blob_id)


def _ended_scopes() -> list[uuid.UUID]:
    """Scopes that have files, but are closed or have no members left."""
    members = Membership.objects.filter(scope_id=OuterRef("scope_id")).exclude(role="gone")
    is_open = Scope.objects.filter(id=OuterRef("scope_id"), is_open=True)
    ended = Blob.objects.exclude(Exists(members) & Exists(is_open))
    return list(ended.values_list("scope_id", flat=True).distinct())


def _delete_strays(old: datetime) -> None:
    """Delete files without a row: after a crash, an abandoned upload or a restored backup."""
    files = storage.stored_ids()
    while batch := list(islice(files, BATCH)):
        ids = {id_ for id_, _ in batch}
        unfinished = Upload.objects.filter(id__in=ids, blob_id=None, refused="")
        known = {
            *Blob.objects.filter(id__in=ids).values_list("id", flat=True),
            *unfinished.values_list("id", flat=True),
        }
        for id_, name in batch:
            if id_ not in known:
                storage.delete_stray(name, old)
