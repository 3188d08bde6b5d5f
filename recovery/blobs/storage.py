"""Encrypted files under random names, in the Django storage called `blobs`.

Any Django storage works. The local one here is a folder. A file in it is either complete or
missing, even after a power failure.
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
from foundation.resealing import Tally
from foundation.sealing import HEADER, AssociatedData, Unsealable, is_current, seal, unseal
from recovery.blobs.models import Blob, Upload
from recovery.blobs.rules import PIECE

log = structlog.get_logger()
# The rest of the disk is for what cannot wait: logs, and perhaps the database.
RESERVE_BYTES = 512 * 2**20


class DurableStorage(FileSystemStorage):
    """Write a temporary file in the same folder, flush it to disk, then rename it."""

    def __init__(self, location: str, reserve: int = RESERVE_BYTES) -> None:
        super().__init__(location, allow_overwrite=True)
        self.reserve = reserve

    def _save(self, name: str, content: Any) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(target.parent).free < self.reserve:
            raise NoRoom
        prefix = f"{target.name}."
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=prefix, delete=False) as file:
            try:
                file.write(content.read())
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(target)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                raise
        _flush_directory(target.parent)
        return name

    def delete(self, name: str) -> None:
        """Also delete the folder if it is empty. A missing file is no error."""
        super().delete(name)
        with suppress(OSError):
            Path(self.path(name)).parent.rmdir()


def store_piece(upload: Upload, data: bytes) -> None:
    """Store the piece that starts at `upload.received`. Raises NoRoom or FileUnchecked."""
    name = _piece(upload.id, upload.received)
    _save(name, seal(_piece_aad(upload, upload.received), data))


def pieces(upload: Upload) -> bytes:
    """All received bytes. Raises FileNotFoundError if a piece is missing."""
    return b"".join(
        _read(_piece_aad(upload, offset), _piece(upload.id, offset))
        for offset in range(0, upload.size, PIECE)
    )


def delete_pieces(upload: Upload) -> None:
    for offset in range(0, upload.size, PIECE):
        _files().delete(_piece(upload.id, offset))


def store(blob: Blob, data: bytes) -> None:
    """Store a cleaned file. Raises NoRoom or FileUnchecked."""
    _save(_name(blob.id), seal(_blob_aad(blob), data))


def read(blob: Blob) -> bytes:
    """The cleaned file. Raises FileNotFoundError."""
    return _read(_blob_aad(blob), _name(blob.id))


def has(blob: Blob) -> bool:
    """Whether the file of a blob exists."""
    return _files().exists(_name(blob.id))


def delete(blob_id: uuid.UUID) -> None:
    _files().delete(_name(blob_id))


def reseal(blob: Blob, tally: Tally) -> None:
    """Seal a file under the newest key. If it is deleted meanwhile, what is written here is a
    stray, which the collection finds. Raises NoRoom or FileUnchecked."""
    _reseal(_blob_aad(blob), _name(blob.id), tally)


def reseal_pieces(upload: Upload, tally: Tally) -> None:
    """The same for an unfinished upload. A piece that arrives again meanwhile has the same
    bytes."""
    for offset in range(0, upload.received, PIECE):
        _reseal(_piece_aad(upload, offset), _piece(upload.id, offset), tally)


def _reseal(aad: AssociatedData, name: str, tally: Tally) -> None:
    try:
        with _files().open(name) as file:
            if is_current(bytes(file.read(HEADER))):
                return
        plain = unseal(aad, _bytes(name))
    except FileNotFoundError:
        return  # deleted meanwhile
    except Unsealable:
        tally.shut += 1
        return
    _save(name, seal(aad, plain))
    tally.resealed += 1


def stored_ids() -> Iterator[tuple[uuid.UUID, str]]:
    """All stored files: the id of the blob or upload, and the file's name."""
    files = _files()
    if not files.exists(""):
        return
    for folder in files.listdir("")[0]:
        try:
            names = files.listdir(folder)[1]
        except FileNotFoundError:
            continue  # the folder was deleted meanwhile
        for name in names:
            with suppress(ValueError):
                yield uuid.UUID(name.partition(".")[0]), f"{folder}/{name}"


def delete_stray(name: str, old: datetime) -> None:
    """Delete a file if it is older than `old`. The row of a newer one may not be committed yet."""
    with suppress(FileNotFoundError):
        if _files().get_modified_time(name) < old:
            _files().delete(name)


def _files() -> Storage:
    return storages["blobs"]


def _save(name: str, sealed: bytes) -> None:
    """Raises NoRoom or FileUnchecked."""
    try:
        try:
            _files().save(name, ContentFile(sealed))
        except FileNotFoundError:
            # A job or another request may have deleted the empty folder after `save` created it.
            _files().save(name, ContentFile(sealed))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoRoom from error
        log.exception("file_not_stored", name=name)
        raise FileUnchecked from error


def _read(aad: AssociatedData, name: str) -> bytes:
    sealed = _bytes(name)
    try:
        return unseal(aad, sealed)
    except Unsealable:
        # For callers, a file that cannot be decrypted is as good as missing.
        log.exception("file_unsealable", name=name)
        raise FileNotFoundError(name) from None


def _bytes(name: str) -> bytes:
    with _files().open(name) as file:
        return bytes(file.read())


def _name(blob_id: uuid.UUID) -> str:
    # The end of a UUIDv7 is random. Its beginning is the time and would fill one folder at a time.
    return f"{blob_id.hex[-2:]}/{blob_id}"


def _piece(upload_id: uuid.UUID, offset: int) -> str:
    return f"{upload_id}/{upload_id}.{offset}"


def _blob_aad(blob: Blob) -> AssociatedData:
    return AssociatedData("recovery_blob", "content", blob.id, blob.scope_id)


def _piece_aad(upload: Upload, offset: int) -> AssociatedData:
    return AssociatedData("recovery_upload", f"piece {offset}", upload.id, upload.scope_id)


def _flush_directory(folder: Path) -> None:
    """Make a renamed file's new name durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
