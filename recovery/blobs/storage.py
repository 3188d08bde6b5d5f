"""Stores the bytes, encrypted and under names that reveal nothing, in the storage `blobs`.

Any Django storage can be used. The one here is a local directory in which a file exists whole or
not at all, even after a power cut.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages

from foundation.problems import FileUnchecked, NoRoom
from foundation.sealing import Place, Unsealable, seal, unseal
from recovery.blobs.models import Blob, Upload
from recovery.blobs.rules import PIECE

log = structlog.get_logger()
# Leave some of the disk to what cannot wait: logs, and perhaps the database.
RESERVE_BYTES = 512 * 2**20


class DurableStorage(FileSystemStorage):
    """Writes to a temporary file in the same folder, flushes it to the disk, then renames it."""

    def __init__(self, location: str, reserve: int = RESERVE_BYTES) -> None:
        super().__init__(location, allow_overwrite=True)
        self.reserve = reserve

    def _save(self, name: str, content: Any) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(target.parent).free < self.reserve:
            raise NoRoom
        prefix = f"{target.name}."
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=prefix, delete=False) as draft:
            try:
                draft.write(content.read())
                draft.flush()
                os.fsync(draft.fileno())
                Path(draft.name).replace(target)
            except OSError:
                Path(draft.name).unlink(missing_ok=True)
                raise
        # The new name is durable only once the directory is on the disk too.
        handle = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        return name

    def delete(self, name: str) -> None:
        """Delete the file, if it is still there, and its folder, if that is now empty."""
        super().delete(name)
        with suppress(OSError):
            Path(self.path(name)).parent.rmdir()


def store_piece(upload: Upload, data: bytes) -> None:
    """Store the piece that begins at `upload.received`. NoRoom, FileUnchecked."""
    name = _piece(upload.id, upload.received)
    _save(name, seal(_place_of_piece(upload, upload.received), data))


def pieces(upload: Upload) -> bytes:
    """The whole file as received. FileNotFoundError: a piece is missing."""
    return b"".join(
        _read(_place_of_piece(upload, offset), _piece(upload.id, offset))
        for offset in range(0, upload.size, PIECE)
    )


def delete_pieces(upload: Upload) -> None:
    for offset in range(0, upload.size, PIECE):
        _files().delete(_piece(upload.id, offset))


def store(blob: Blob, data: bytes) -> None:
    """Store a cleaned file. NoRoom, FileUnchecked."""
    _save(_name(blob.id), seal(_place(blob), data))


def read(blob: Blob) -> bytes:
    """The cleaned file. FileNotFoundError: it is missing or cannot be decrypted."""
    return _read(_place(blob), _name(blob.id))


def has(blob: Blob) -> bool:
    """Whether the blob's file is stored."""
    return _files().exists(_name(blob.id))


def delete(blob_id: uuid.UUID) -> None:
    """Delete the blob's file."""
    _files().delete(_name(blob_id))


def stored_ids() -> Iterator[tuple[uuid.UUID, str]]:
    """Yield every stored file: the id of its blob or upload, and its name."""
    files = _files()
    if not files.exists(""):
        return
    for folder in files.listdir("")[0]:
        try:
            names = files.listdir(folder)[1]
        except FileNotFoundError:
            continue  # deleted in the meantime
        for name in names:
            with suppress(ValueError):
                yield uuid.UUID(name.partition(".")[0]), f"{folder}/{name}"


def delete_stray(name: str, old: datetime) -> None:
    """Delete the file if it is older than `old`. A younger one may still be getting its row."""
    with suppress(FileNotFoundError):
        if _files().get_modified_time(name) < old:
            _files().delete(name)


def _files() -> Storage:
    return storages["blobs"]


def _save(name: str, sealed: bytes) -> None:
    try:
        try:
            _files().save(name, ContentFile(sealed))
        except FileNotFoundError:
            # A cleanup job has just deleted the empty folder: create it again.
            _files().save(name, ContentFile(sealed))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoRoom from error
        log.exception("file_not_stored", name=name)
        raise FileUnchecked from error


def _read(place: Place, name: str) -> bytes:
    """FileNotFoundError: the file is missing or cannot be decrypted."""
    with _files().open(name) as file:
        sealed = bytes(file.read())
    try:
        return unseal(place, sealed)
    except Unsealable:
        log.exception("file_unsealable", name=name)
        raise FileNotFoundError(name) from None


def _name(blob_id: uuid.UUID) -> str:
    # The folder is the end of the id, which is random. Its beginning is the time.
    return f"{blob_id.hex[-2:]}/{blob_id}"


def _piece(upload_id: uuid.UUID, offset: int) -> str:
    return f"{upload_id}/{upload_id}.{offset}"


def _place(blob: Blob) -> Place:
    return Place("recovery_blob", "content", blob.id, blob.scope_id)


def _place_of_piece(upload: Upload, offset: int) -> Place:
    return Place("recovery_upload", f"piece {offset}", upload.id, upload.scope_id)
