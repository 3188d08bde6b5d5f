"""Pictures and recordings: declare, upload in pieces, read. Plain views: the bodies are bytes."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from foundation.bodies import a_number, a_text, a_uuid, invalid, json_object
from foundation.http import posted
from foundation.problems import NoSuchRange, NotBytes, NotFound
from recovery.actions.ledger import audit_read
from recovery.api import allowances
from recovery.blobs import storage, uploads
from recovery.blobs.models import Blob, Upload
from recovery.blobs.queries import readable
from recovery.blobs.rules import LARGEST, PIECE, SHA256
from recovery.feed.context import set_actor
from recovery.feed.scopes import scope_id
from recovery.limits.limit import limited
from recovery.signin.authentication import authenticate

# Browsers must not display the file or guess another type, and no cache may keep it.
FILE_HEADERS = {
    "Content-Disposition": "attachment",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Accept-Ranges": "bytes",
}
RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")


@limited(allowances.BLOB)
@posted
def declare(request: HttpRequest) -> HttpResponse:
    """Begin an upload, or learn at which offset to resume it."""
    user, body = authenticate(request), json_object(request)
    size = a_number(body, "size", 0, 1, LARGEST)
    upload = uploads.declare(user.id, _scope(body), _sha256(body), size, timezone.now())
    return _progress(upload)


@limited(allowances.BLOB_PIECE)
@posted
def take_piece(request: HttpRequest) -> HttpResponse:
    """Take one piece. It is the whole body; the headers say which piece it is."""
    user = authenticate(request)
    if request.content_type != "application/octet-stream":
        raise NotBytes
    upload = a_uuid({"upload": request.headers.get("Upload-Id")}, "upload")
    offset = request.headers.get("Upload-Offset", "")
    if not re.fullmatch(r"[0-9]{1,9}", offset):
        raise invalid("Upload-Offset", "This must be a whole number of bytes.")
    now = timezone.now()
    return _progress(uploads.take_piece(user.id, upload, int(offset), request.body, now))


@limited(allowances.BLOB_READ)
@posted
def read(request: HttpRequest) -> HttpResponse:
    """The file, if the user is a member of the scope and a document there refers to it."""
    user, body = authenticate(request), json_object(request)
    with transaction.atomic():
        set_actor(user.id)
        blob = readable(_scope(body), user.id, _sha256(body))
        if blob and user.is_staff:
            audit_read([blob], user, timezone.now())
    # Outside the transaction: reading and decrypting a file takes long.
    try:
        data = storage.read(blob) if blob else None
    except FileNotFoundError:
        data = None
    if blob is None or data is None:
        raise NotFound
    return _file(blob, data, request.headers.get("Range", ""))


def _scope(body: dict[str, Any]) -> uuid.UUID:
    """A malformed name is as unknown as any other."""
    try:
        return scope_id(a_text(body, "scope"))
    except ValueError:
        raise NotFound from None


def _sha256(body: dict[str, Any]) -> bytes:
    digits = a_text(body, "sha256")
    if not SHA256.fullmatch(digits):
        raise invalid("sha256", "This must be 64 lowercase hexadecimal digits.")
    return bytes.fromhex(digits)


def _progress(upload: Upload) -> HttpResponse:
    progress = {
        "upload": str(upload.id),
        "offset": upload.received,
        "piece_bytes": PIECE,
        "complete": upload.blob_id is not None,
    }
    return JsonResponse(progress, headers={"Cache-Control": "no-store"})


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
