"""Where the bytes lie: sealed, under names that mean nothing, in the storage called `blobs`.

Any storage of Django's does. The local one here is a directory in which a file is there whole or
not at all, also after a power cut.
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
# The last of the disk belongs to what cannot wait: logs, and perhaps the database.
RESERVE_BYTES = 512 * 2**20


class DurableStorage(FileSystemStorage):
    """Files are written beside their place, flushed to the disk, and then moved there."""

    def __init__(self, location: str, reserve: int = RESERVE_BYTES) -> None:
        super().__init__(location, allow_overwrite=True)
        self.reserve = reserve

    def _save(self, name: str, content: Any) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(target.parent).free < self.reserve:
            raise NoRoom
        begins = f"{target.name}."
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=begins, delete=False) as beside:
            try:
                beside.write(content.read())
                beside.flush()
                os.fsync(beside.fileno())
                Path(beside.name).replace(target)
            except OSError:
                Path(beside.name).unlink(missing_ok=True)
                raise
        _flush_directory(target.parent)
        return name

    def delete(self, name: str) -> None:
        """Gone already is as good; so is the folder, once it is empty."""
        super().delete(name)
        with suppress(OSError):
            Path(self.path(name)).parent.rmdir()


def store_piece(upload: Upload, data: bytes) -> None:
    """Keep the piece that begins at `upload.received`. NoRoom, FileUnchecked."""
    name = _piece(upload.id, upload.received)
    _save(name, seal(_place_of_piece(upload, upload.received), data))


def pieces(upload: Upload) -> bytes:
    """All that was received. FileNotFoundError: a piece has gone."""
    return b"".join(
        _read(_place_of_piece(upload, offset), _piece(upload.id, offset))
        for offset in range(0, upload.size, PIECE)
    )


def forget_pieces(upload: Upload) -> None:
    """Delete what was received of this upload."""
    for offset in range(0, upload.size, PIECE):
        _files().delete(_piece(upload.id, offset))


def store(blob: Blob, data: bytes) -> None:
    """Keep a cleaned file. NoRoom, FileUnchecked."""
    _save(_name(blob.id), seal(_place(blob), data))


def read(blob: Blob) -> bytes:
    """The cleaned file. FileNotFoundError: there is none."""
    return _read(_place(blob), _name(blob.id))


def has(blob: Blob) -> bool:
    """Whether the file of a blob is where it should be."""
    return _files().exists(_name(blob.id))


def forget(blob_id: uuid.UUID) -> None:
    """Delete the file of a blob."""
    _files().delete(_name(blob_id))


def stored_ids() -> Iterator[tuple[uuid.UUID, str]]:
    """Every file here: the id of its blob or upload, and its name."""
    files = _files()
    if not files.exists(""):
        return
    for folder in files.listdir("")[0]:
        for name in _names_in(folder):
            with suppress(ValueError):
                yield uuid.UUID(name.partition(".")[0]), f"{folder}/{name}"


def _names_in(folder: str) -> list[str]:
    """None if it has gone meanwhile."""
    with suppress(FileNotFoundError):
        return list(_files().listdir(folder)[1])
    return []


def forget_stray(name: str, old: datetime) -> None:
    """Delete a file that is older than `old`; what is younger may be on its way."""
    with suppress(FileNotFoundError):
        if _files().get_modified_time(name) < old:
            _files().delete(name)


def _files() -> Storage:
    return storages["blobs"]


def _save(name: str, sealed: bytes) -> None:
    """Twice, as the collector may just have taken the folder away. NoRoom, FileUnchecked."""
    try:
        try:
            _files().save(name, ContentFile(sealed))
        except FileNotFoundError:
            _files().save(name, ContentFile(sealed))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoRoom from error
        log.exception("file_not_stored", name=name)
        raise FileUnchecked from error


def _read(place: Place, name: str) -> bytes:
    """FileNotFoundError also for what cannot be opened any more."""
    with _files().open(name) as file:
        sealed = bytes(file.read())
    try:
        return unseal(place, sealed)
    except Unsealable:
        log.exception("file_unsealable", name=name)
        raise FileNotFoundError(name) from None


def _name(blob_id: uuid.UUID) -> str:
    """The end of the id, which is random: the beginning is the time."""
    return f"{blob_id.hex[-2:]}/{blob_id}"


def _piece(upload_id: uuid.UUID, offset: int) -> str:
    return f"{upload_id}/{upload_id}.{offset}"


def _place(blob: Blob) -> Place:
    return Place("recovery_blob", "content", blob.id, blob.scope_id)


def _place_of_piece(upload: Upload, offset: int) -> Place:
    return Place("recovery_upload", f"piece {offset}", upload.id, upload.scope_id)


def _flush_directory(folder: Path) -> None:
    """So that the name, too, is on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
