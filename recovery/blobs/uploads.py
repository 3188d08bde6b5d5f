"""How a file comes here: declared, then sent in pieces, each of which is here whole or not at all.

No action, for nobody else can see anything of it: only an action that names the file shows it.
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
    """Begin an upload, or find it again where it stopped. NotFound: a scope that the person is not
    in. Unattachable: these bytes were refused before. TooManyUploads."""
    with transaction.atomic():
        _enter(user_id, to_scope_id)
        upload = _known(user_id, to_scope_id, sha256, size)
        if upload is None:
            if queries.unfinished(user_id, now) >= MOST_UNFINISHED:
                raise TooManyUploads(60)
            upload = _begun(user_id, to_scope_id, sha256, size, now)
        Upload.objects.in_scope(user_id).filter(id=upload.id).update(touched_at=now)
    return _attachable(upload)


def take_piece(
    user_id: uuid.UUID, upload_id: uuid.UUID, offset: int, data: bytes, now: datetime
) -> Upload:
    """Keep one piece; the last one ends the upload. NotFound: no such upload of this person, or
    its scope is no longer theirs. OffsetMismatch, PieceLength, Unattachable, NoRoom,
    FileUnchecked."""
    upload = _attachable(_found(user_id, upload_id))
    if upload.blob_id:
        return upload
    if offset != upload.received:
        raise OffsetMismatch(offset=upload.received)
    if len(data) != piece_at(offset, upload.size):
        raise PieceLength(bytes=piece_at(offset, upload.size))
    storage.store_piece(upload, data)
    if offset + len(data) < upload.size:
        return _moved(upload, now, received=offset + len(data))
    return _finished(upload, now)


def _enter(user_id: uuid.UUID, scope_id: uuid.UUID) -> None:
    set_actor(user_id)
    if not queries.may_send_to(scope_id, user_id):
        raise NotFound


def _known(user_id: uuid.UUID, to_scope_id: uuid.UUID, sha256: bytes, size: int) -> Upload | None:
    """An upload begun before. It begins anew where its length was another, or where
    its blob, or only the file, has gone."""
    for upload in queries.uploads_to(user_id, to_scope_id, [sha256]):
        return upload if _stands(upload, size) else _anew(upload, size)
    return None


def _stands(upload: Upload, size: int) -> bool:
    """Whether what was sent before still counts."""
    if upload.blob_id is None:
        return upload.size == size
    blob = queries.blob(upload.to_scope_id, upload.blob_id)
    return blob is not None and storage.has(blob)


def _anew(upload: Upload, size: int) -> Upload | None:
    """Unless another request was faster. None: it was collected meanwhile."""
    here = Upload.objects.in_scope(upload.scope_id).filter(id=upload.id, blob_id=upload.blob_id)
    here.filter(received=upload.received).update(size=size, received=0, blob_id=None)
    return queries.upload_of(upload.scope_id, upload.id)


def _begun(
    user_id: uuid.UUID, to_scope_id: uuid.UUID, sha256: bytes, size: int, now: datetime
) -> Upload:
    upload = Upload(
        scope_id=user_id, to_scope_id=to_scope_id, sha256=sha256, size=size, touched_at=now
    )
    # Two phones of one person may declare the same picture at once.
    Upload.objects.bulk_create([upload], ignore_conflicts=True)
    [kept] = queries.uploads_to(user_id, to_scope_id, [sha256])
    return kept


def _found(user_id: uuid.UUID, upload_id: uuid.UUID) -> Upload:
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


def _moved(upload: Upload, now: datetime, **changes: object) -> Upload:
    """Write what has changed, unless another request for the same piece was faster."""
    with transaction.atomic():
        set_actor(upload.scope_id)
        here = Upload.objects.in_scope(upload.scope_id).filter(id=upload.id)
        here = here.filter(received=upload.received, size=upload.size, blob_id=None)
        here.update(touched_at=now, **changes)
        moved = queries.upload_of(upload.scope_id, upload.id)
    if moved is None:  # nobody went on with it for a day, and it was collected
        raise NotFound
    return moved


def _finished(upload: Upload, now: datetime) -> Upload:
    """All is here: look at it, clean it, keep it. Only then does the last piece count."""
    try:
        media = examine(_whole(upload, now))
    except Interrupted:
        if upload.interruptions + 1 < MOST_INTERRUPTIONS:
            _moved(upload, now, interruptions=upload.interruptions + 1)
            raise
        _refuse(upload, NotUnderstood.code, now)
    except Unattachable as refusal:
        _refuse(upload, refusal.code, now)
    blob = _kept(upload, media, now)
    done = _moved(upload, now, received=upload.size, blob_id=blob.id)
    storage.forget_pieces(upload)
    return done


def _refuse(upload: Upload, code: str, now: datetime) -> NoReturn:
    _moved(upload, now, refused=code)
    storage.forget_pieces(upload)
    raise Unattachable(code)


def _whole(upload: Upload, now: datetime) -> bytes:
    """What was declared. OffsetMismatch: what came is something else, and must come again."""
    try:
        data = storage.pieces(upload)
    except FileNotFoundError:
        data = b""
    if hashlib.sha256(data).digest() != bytes(upload.sha256):
        _moved(upload, now, received=0)
        raise OffsetMismatch(offset=0)
    return data


def _kept(upload: Upload, media: Media, now: datetime) -> Blob:
    """The blob of the scope; somebody else may have sent the same bytes there before."""
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
    storage.store(blob, media.data)
    kept = _row_of(blob, upload.scope_id)
    if kept is None or kept.id != blob.id:
        storage.forget(blob.id)
    if kept is None:
        raise NotFound
    if not storage.has(kept) and bytes(kept.content_sha256) == bytes(blob.content_sha256):
        storage.store(kept, media.data)  # a disk had lost it
    return kept


def _row_of(blob: Blob, user_id: uuid.UUID) -> Blob | None:
    """None: the person was taken out of the scope meanwhile."""
    try:
        with transaction.atomic():
            set_actor(user_id)
            Blob.objects.bulk_create([blob], ignore_conflicts=True)
            return queries.blob_of(blob.scope_id, bytes(blob.sha256))
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
            raise
    return None
