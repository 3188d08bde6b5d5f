"""Uploads: declared first, then sent in pieces. Each piece is stored completely or not at all.

An upload is not an action, because no one else can see it. Others see the file only when an
action attaches it to something.
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

    Raises NotFound (the user is not a member of the scope), Unattachable (these bytes were
    refused before) or TooManyUploads.
    """
    with transaction.atomic():
        set_actor(user_id)
        if not queries.may_send_to(to_scope_id, user_id):
            raise NotFound
        upload = _existing(user_id, to_scope_id, sha256, size)
        if upload is None:
            if queries.unfinished(user_id, now) >= MOST_UNFINISHED:
                raise TooManyUploads(60)
            upload = _create(user_id, to_scope_id, sha256, size, now)
        Upload.objects.in_scope(user_id).filter(id=upload.id).update(touched_at=now)
    return _attachable(upload)


def take_piece(
    user_id: uuid.UUID, upload_id: uuid.UUID, offset: int, data: bytes, now: datetime
) -> Upload:
    """Store one piece. The last one finishes the upload.

    Raises NotFound (not the user's upload, or they have left its scope), OffsetMismatch,
    PieceLength, Unattachable, NoRoom or FileUnchecked.
    """
    upload = _attachable(_load(user_id, upload_id))
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


def _existing(
    user_id: uuid.UUID, to_scope_id: uuid.UUID, sha256: bytes, size: int
) -> Upload | None:
    """The user's earlier upload of these bytes, restarted if it can no longer be used."""
    for upload in queries.uploads_to(user_id, to_scope_id, [sha256]):
        if _is_usable(upload, size):
            return upload
        # Does nothing if another request was faster.
        unchanged = Upload.objects.in_scope(user_id).filter(
            id=upload.id, blob_id=upload.blob_id, received=upload.received
        )
        unchanged.update(size=size, received=0, blob_id=None)
        # None if it was deleted meanwhile.
        return queries.upload_of(user_id, upload.id)
    return None


def _is_usable(upload: Upload, size: int) -> bool:
    """False if its size differs, or if its blob or the blob's file is missing."""
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
    [row] = queries.uploads_to(user_id, to_scope_id, [sha256])
    return row


def _load(user_id: uuid.UUID, upload_id: uuid.UUID) -> Upload:
    with transaction.atomic():
        set_actor(user_id)
        upload = queries.upload_of(user_id, upload_id)
        if upload is None or not queries.may_send_to(upload.to_scope_id, user_id):
            raise NotFound
    return upload


def _attachable(upload: Upload) -> Upload:
    if upload.refused:
        raise Unattachable(upload.refused)
    return upload


def _update(upload: Upload, now: datetime, **changes: object) -> Upload:
    """Save `changes`, unless another request for the same piece was faster."""
    with transaction.atomic():
        set_actor(upload.scope_id)
        unchanged = Upload.objects.in_scope(upload.scope_id).filter(
            id=upload.id, received=upload.received, size=upload.size, blob_id=None
        )
        unchanged.update(touched_at=now, **changes)
        row = queries.upload_of(upload.scope_id, upload.id)
    # Deleted: the upload was abandoned for a day.
    if row is None:
        raise NotFound
    return row


def _finish(upload: Upload, now: datetime) -> Upload:
    """All pieces are here: check, clean and store the file. Then the last piece counts."""
    try:
        media = examine(_assemble(upload, now))
    except Interrupted:
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
    """All bytes. Raises OffsetMismatch if they have another hash, so that they are sent again."""
    try:
        data = storage.pieces(upload)
    except FileNotFoundError:
        data = b""
    if hashlib.sha256(data).digest() != bytes(upload.sha256):
        _update(upload, now, received=0)
        raise OffsetMismatch(offset=0)
    return data


def _store(upload: Upload, media: Media, now: datetime) -> Blob:
    """The scope's blob with these bytes. Another member may have uploaded the same ones before."""
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
    # The file first: a row must never exist without its file.
    storage.store(blob, media.data)
    row = _insert(blob, upload.scope_id)
    if row is None or row.id != blob.id:
        storage.delete(blob.id)
    if row is None:
        raise NotFound
    # The earlier blob's file may have been lost with a disk.
    if not storage.has(row) and bytes(row.content_sha256) == bytes(blob.content_sha256):
        storage.store(row, media.data)
    return row


def _insert(blob: Blob, user_id: uuid.UUID) -> Blob | None:
    """The scope's row with these bytes. None if the user was removed from the scope meanwhile."""
    try:
        with transaction.atomic():
            set_actor(user_id)
            Blob.objects.bulk_create([blob], ignore_conflicts=True)
            return queries.blob_of(blob.scope_id, bytes(blob.sha256))
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
            raise
    return None
