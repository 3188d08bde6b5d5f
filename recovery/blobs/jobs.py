"""Garbage collection of files. Rows are deleted before files, so that a crash in between leaves
only files, which the next run finds."""

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
    """Delete abandoned uploads, files that no object uses, and the files of ended scopes."""
    old = timezone.now() - KEPT_UNUSED
    Upload.objects.filter(touched_at__lt=old).delete()
    uses = BlobUse.objects.filter(blob_id=OuterRef("id"))
    recent = Upload.objects.filter(blob_id=OuterRef("id"))
    _erase(Blob.objects.filter(~Exists(uses), ~Exists(recent), stored_at__lt=old))
    # Scopes with files that are closed, or that no one is a member of or can return to.
    members = Membership.objects.filter(scope_id=OuterRef("scope_id")).exclude(role="gone")
    is_open = Scope.objects.filter(id=OuterRef("scope_id"), is_open=True)
    ended = Blob.objects.exclude(Exists(members) & Exists(is_open))
    for scope_id in list(ended.values_list("scope_id", flat=True).distinct()):
        _empty(scope_id)
    _delete_strays(old)


@app.task(name="blobs.empty_scope", retry=RETRY)
def empty_scope(scope_id: str) -> None:
    """Delete all files of a scope that has no members left."""
    _empty(uuid.UUID(scope_id))


def _empty(scope_id: uuid.UUID) -> None:
    BlobUse.objects.filter(scope_id=scope_id).delete()
    _erase(Blob.objects.filter(scope_id=scope_id))


def _erase(blobs: QuerySet[Blob]) -> None:
    with transaction.atomic():
        # A locked blob is being attached to something, so it is skipped.
        locked = blobs.select_for_update(no_key=True, of=("self",), skip_locked=True)
        ids = list(locked.values_list("id", flat=True))
        Blob.objects.filter(id__in=ids).delete()
    for blob_id in ids:
        storage.delete(blob_id)


def _delete_strays(old: datetime) -> None:
    """Files without a row: from a crash, an abandoned upload or a restored backup."""
    files = storage.stored_ids()
    while batch := list(islice(files, BATCH)):
        known = set(_known({id_ for id_, _ in batch}))
        for id_, name in batch:
            if id_ not in known:
                storage.delete_stray(name, old)


def _known(ids: set[uuid.UUID]) -> Iterator[uuid.UUID]:
    yield from Blob.objects.filter(id__in=ids).values_list("id", flat=True)
    unfinished = Upload.objects.filter(id__in=ids, blob_id=None, refused="")
    yield from unfinished.values_list("id", flat=True)
