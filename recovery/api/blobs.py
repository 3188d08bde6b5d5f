"""Pictures and recordings: declare, upload in pieces, read. Plain views: the bodies are bytes."""

from __future__ import annotations

import re
from typing import Annotated, Any, NamedTuple

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from foundation.bodies import json_object
from foundation.fields import ID, TEXT, Field, Unfit, an_object, number, parsed
from foundation.http import posted
from foundation.openapi import described
from foundation.problems import NoSuchRange, NotBytes, NotFound
from recovery.actions.ledger import audit_read
from recovery.api import allowances
from recovery.api.scopes import ScopeName
from recovery.blobs import storage, uploads
from recovery.blobs.media.kinds import KINDS
from recovery.blobs.models import Blob, Upload
from recovery.blobs.queries import readable
from recovery.blobs.rules import LARGEST, PIECE
from recovery.feed.context import set_actor
from recovery.feed.scopes import scope_id
from recovery.limits.limit import limited
from recovery.signin.authentication import authenticate

# Browsers must not display the file.
FILE_HEADERS = {
    "Content-Disposition": "attachment",
    "Accept-Ranges": "bytes",
}
RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")


def _sha256(value: Any) -> bytes:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{64}", value):
        raise Unfit("This must be 64 lowercase hexadecimal digits.")
    return bytes.fromhex(value)


def _offset(value: Any) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value or ""):
        raise Unfit("This must be a whole number of bytes.")
    return int(value)


HEX = TEXT | {"pattern": "^[0-9a-f]{64}$", "description": "of the bytes as sent"}
Sha256 = Annotated[bytes, Field(_sha256, HEX)]
OFFSET = Field(_offset, {"type": "integer", "minimum": 0, "maximum": LARGEST})
BYTES = TEXT | {"format": "binary"}


class Declaration(NamedTuple):
    size: Annotated[int, number(1, LARGEST)]
    scope: ScopeName
    sha256: Sha256


class FileRequest(NamedTuple):
    scope: ScopeName
    sha256: Sha256


PROGRESS = an_object(
    upload=ID.schema,
    offset=OFFSET.schema,
    piece_bytes={"type": "integer"},
    complete={"type": "boolean"},
)


@described("blobs.declare", Declaration, PROGRESS)
@limited(allowances.BLOB)
@posted
def declare(request: HttpRequest) -> HttpResponse:
    """Begin an upload, or learn at which offset to resume it."""
    user, file = authenticate(request), parsed(Declaration, json_object(request))
    upload = uploads.declare(user.id, scope_id(file.scope), file.sha256, file.size, timezone.now())
    return _progress(upload)


@described(
    "blobs.take_piece",
    BYTES | {"maxLength": PIECE},
    PROGRESS,
    headers={"Upload-Id": ID.schema, "Upload-Offset": OFFSET.schema},
    takes=("application/octet-stream",),
)
@limited(allowances.BLOB_PIECE)
@posted
def take_piece(request: HttpRequest) -> HttpResponse:
    """Take one piece. It is the whole body; the headers say which piece it is."""
    user = authenticate(request)
    if request.content_type != "application/octet-stream":
        raise NotBytes
    upload = ID.of("upload", request.headers.get("Upload-Id"))
    offset = OFFSET.of("Upload-Offset", request.headers.get("Upload-Offset"))
    now = timezone.now()
    return _progress(uploads.take_piece(user.id, upload, offset, request.body, now))


@described(
    "blobs.read",
    FileRequest,
    BYTES | {"maxLength": LARGEST},
    gives=tuple(kind.media_type for kind in KINDS),
    statuses=("200", "206"),
)
@limited(allowances.BLOB_READ)
@posted
def read(request: HttpRequest) -> HttpResponse:
    """The file, if the user is a member of the scope and a document there refers to it."""
    user, file = authenticate(request), parsed(FileRequest, json_object(request))
    with transaction.atomic():
        set_actor(user.id)
        blob = readable(scope_id(file.scope), user.id, file.sha256)
        if blob and user.is_staff:
            audit_read([blob], user, timezone.now())
    # Outside the transaction: reading and decrypting a file takes long.
    if blob is None:
        raise NotFound
    try:
        data = storage.read(blob)
    except FileNotFoundError:
        raise NotFound from None
    return _file(blob, data, request.headers.get("Range", ""))


def _progress(upload: Upload) -> HttpResponse:
    progress = {
        "upload": str(upload.id),
        "offset": upload.received,
        "piece_bytes": PIECE,
        "complete": upload.blob_id is not None,
    }
    return JsonResponse(progress)


def _file(blob: Blob, data: bytes, requested_range: str) -> HttpResponse:
    """The whole file, or one range of it (RFC 9110). Any other form of range means the whole."""
    match = RANGE.fullmatch(requested_range)
    if match is None:
        return HttpResponse(data, blob.media_type, headers=FILE_HEADERS)
    first, last = int(match[1]), min(int(match[2] or len(data)), len(data) - 1)
    if first > last:
        raise NoSuchRange(headers={"Content-Range": f"bytes */{len(data)}"})
    answer = HttpResponse(data[first : last + 1], blob.media_type, status=206, headers=FILE_HEADERS)
    answer["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return answer
