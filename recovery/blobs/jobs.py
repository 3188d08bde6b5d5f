"""What nothing refers to any more goes. Rows first, then files: a crash in between leaves files,
which the next night finds."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
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
    """Uploads that nobody goes on with, files that nothing ever showed, scopes that are over."""
    old = timezone.now() - KEPT_UNUSED
    Upload.objects.filter(touched_at__lt=old).delete()
    uses = BlobUse.objects.filter(blob_id=OuterRef("id"))
    recent = Upload.objects.filter(blob_id=OuterRef("id"))
    _erase(Blob.objects.filter(~Exists(uses), ~Exists(recent), stored_at__lt=old))
    for scope_id in _scopes_that_are_over():
        _empty(scope_id)
    _forget_strays(old)


@app.task(name="blobs.empty_scope", retry=RETRY)
def empty_scope(scope_id: str) -> None:
    """Nobody is in the scope any more: its files go at once."""
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
        storage.forget(blob_id)


def _scopes_that_are_over() -> list[uuid.UUID]:
    """Where files are, and nobody is or may come back to."""
    anybody = Membership.objects.filter(scope_id=OuterRef("scope_id")).exclude(role="gone")
    is_open = Scope.objects.filter(id=OuterRef("scope_id"), is_open=True)
    over = Blob.objects.exclude(Exists(anybody) & Exists(is_open))
    return list(over.values_list("scope_id", flat=True).distinct())


def _forget_strays(old: datetime) -> None:
    """Files that no row knows: of a crash, of an upload that was given up, of a restored backup."""
    files = storage.stored_ids()
    while some := list(islice(files, BATCH)):
        known = set(_known({id_ for id_, _ in some}))
        for id_, name in some:
            if id_ not in known:
                storage.forget_stray(name, old)


def _known(ids: set[uuid.UUID]) -> Iterator[uuid.UUID]:
    yield from Blob.objects.filter(id__in=ids).values_list("id", flat=True)
    unfinished = Upload.objects.filter(id__in=ids, blob_id=None, refused="")
    yield from unfinished.values_list("id", flat=True)
