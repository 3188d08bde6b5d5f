"""Uploads: a phone declares a file, then sends it in pieces, each of which is stored whole or not
at all.

These writes are not actions, because no one else can see them. A file is shown only once an action
attaches it.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import NoReturn

from django.db import ProgrammingError, transaction
from uuid_utils.compat import uuid7

from foundation.problems import (
    Interrupted,
    NotFound,
    OffsetMismatch,
    PieceLength,
    TooManyUploads,
    Unattachable,
)
from recovery.blobs import queries, storage
from recovery.blobs.examine import examine
from recovery.blobs.media.kinds import Media, NotUnderstood
from recovery.blobs.models import Blob, Upload
from recovery.blobs.rules import MOST_INTERRUPTIONS, MOST_UNFINISHED, piece_at
from recovery.feed.context import set_actor

INSUFFICIENT_PRIVILEGE = "42501"


def declare(
    user_id: uuid.UUID, to_scope_id: uuid.UUID, sha256: bytes, size: int, now: datetime
) -> Upload:
    """Start an upload, or resume it where it stopped.

    NotFound: the user is not in this scope. Unattachable: these bytes were refused before.
    TooManyUploads.
    """
    with transaction.atomic():
        set_actor(user_id)
        if not queries.may_send_to(to_scope_id, user_id):
            raise NotFound
        upload = _resume(user_id, to_scope_id, sha256, size)
        if upload is None:
            if queries.unfinished(user_id, now) >= MOST_UNFINISHED:
                raise TooManyUploads(60)
            upload = _create(user_id, to_scope_id, sha256, size, now)
        Upload.objects.in_scope(user_id).filter(id=upload.id).update(touched_at=now)
    return _require_attachable(upload)


def take_piece(
    user_id: uuid.UUID, upload_id: uuid.UUID, offset: int, data: bytes, now: datetime
) -> Upload:
    """Store one piece. The last one finishes the upload.

    NotFound: the user has no such upload, or is no longer in its scope. OffsetMismatch,
    PieceLength, Unattachable, NoRoom, FileUnchecked.
    """
    with transaction.atomic():
        set_actor(user_id)
        upload = queries.upload_of(user_id, upload_id)
        if upload is None or not queries.may_send_to(upload.to_scope_id, user_id):
            raise NotFound
    _require_attachable(upload)
    if upload.blob_id:
        return upload
    if offset != upload.received:
        raise OffsetMismatch(offset=upload.received)
    if len(data) != piece_at(offset, upload.size):
        raise PieceLength(bytes=piece_at(offset, upload.size))
    storage.store_piece(upload, data)
    if offset + len(data) < upload.size:
        return _update(upload, now, received=offset + len(data))
    return _finish(upload, now)


def _resume(user_id: uuid.UUID, to_scope_id: uuid.UUID, sha256: bytes, size: int) -> Upload | None:
    """Return the earlier upload of these bytes, if there is one, restarted if it is unusable."""
    for upload in queries.uploads_to(user_id, to_scope_id, [sha256]):
        if _is_usable(upload, size):
            return upload
        # Change the row only as it was read: another request may have restarted it already.
        rows = Upload.objects.in_scope(user_id).filter(id=upload.id, blob_id=upload.blob_id)
        rows.filter(received=upload.received).update(size=size, received=0, blob_id=None)
        return queries.upload_of(user_id, upload.id)
    return None


def _is_usable(upload: Upload, size: int) -> bool:
    """False if an unfinished upload has another size, or the blob or its file is missing."""
    if upload.blob_id is None:
        return upload.size == size
    blob = queries.blob(upload.to_scope_id, upload.blob_id)
    return blob is not None and storage.has(blob)


def _create(
    user_id: uuid.UUID, to_scope_id: uuid.UUID, sha256: bytes, size: int, now: datetime
) -> Upload:
    upload = Upload(
        scope_id=user_id, to_scope_id=to_scope_id, sha256=sha256, size=size, touched_at=now
    )
    # Two phones of one person may declare the same picture at the same time.
    Upload.objects.bulk_create([upload], ignore_conflicts=True)
    [kept] = queries.uploads_to(user_id, to_scope_id, [sha256])
    return kept


def _require_attachable(upload: Upload) -> Upload:
    if upload.refused:
        raise Unattachable(upload.refused)
    return upload


def _update(upload: Upload, now: datetime, **changes: object) -> Upload:
    """Save the changes, unless another request for the same piece has changed the row. Returns
    the row as it is now."""
    with transaction.atomic():
        set_actor(upload.scope_id)
        rows = Upload.objects.in_scope(upload.scope_id).filter(id=upload.id)
        rows = rows.filter(received=upload.received, size=upload.size, blob_id=None)
        rows.update(touched_at=now, **changes)
        current = queries.upload_of(upload.scope_id, upload.id)
    if current is None:  # it was abandoned for a day, and has been deleted
        raise NotFound
    return current


def _finish(upload: Upload, now: datetime) -> Upload:
    """Check, clean and store the whole file. The last piece counts only once this has worked."""
    try:
        media = examine(_assemble(upload, now))
    except Interrupted:
        # The phone sends the last piece again, and with it starts another check.
        if upload.interruptions + 1 < MOST_INTERRUPTIONS:
            _update(upload, now, interruptions=upload.interruptions + 1)
            raise
        _refuse(upload, NotUnderstood.code, now)
    except Unattachable as refusal:
        _refuse(upload, refusal.code, now)
    blob = _store(upload, media, now)
    finished = _update(upload, now, received=upload.size, blob_id=blob.id)
    storage.delete_pieces(upload)
    return finished


def _refuse(upload: Upload, code: str, now: datetime) -> NoReturn:
    _update(upload, now, refused=code)
    storage.delete_pieces(upload)
    raise Unattachable(code)


def _assemble(upload: Upload, now: datetime) -> bytes:
    """Return the bytes. OffsetMismatch: they are not the declared ones, and must be sent again."""
    try:
        data = storage.pieces(upload)
    except FileNotFoundError:
        data = b""
    if hashlib.sha256(data).digest() != bytes(upload.sha256):
        _update(upload, now, received=0)
        raise OffsetMismatch(offset=0)
    return data


def _store(upload: Upload, media: Media, now: datetime) -> Blob:
    """Return the scope's blob: this one, or an earlier one that was made from the same bytes."""
    blob = Blob(
        id=uuid7(),
        scope_id=upload.to_scope_id,
        sha256=bytes(upload.sha256),
        content_sha256=hashlib.sha256(media.data).digest(),
        size=len(media.data),
        kind=media.kind,
        media_type=media.media_type,
        width=media.width,
        height=media.height,
        duration_ms=media.duration_ms,
        stored_at=now,
    )
    # The file comes before its row, so that every row has a file.
    storage.store(blob, media.data)
    kept = _insert(blob, upload.scope_id)
    if kept is None or kept.id != blob.id:
        storage.delete(blob.id)
    if kept is None:
        raise NotFound
    if not storage.has(kept) and bytes(kept.content_sha256) == bytes(blob.content_sha256):
        storage.store(kept, media.data)  # the earlier blob's file was lost
    return kept


def _insert(blob: Blob, user_id: uuid.UUID) -> Blob | None:
    """Insert the blob unless the scope has one of these bytes. Returns the row that is there, or
    None if the user is no longer in the scope."""
    try:
        with transaction.atomic():
            set_actor(user_id)
            Blob.objects.bulk_create([blob], ignore_conflicts=True)
            return queries.blob_of(blob.scope_id, bytes(blob.sha256))
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
            raise
    return None
