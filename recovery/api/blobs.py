"""Pictures and recordings: declare, send in pieces, read. Plain views, as the bodies are bytes."""

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
from recovery.blobs.rules import LARGEST, PIECE
from recovery.feed.context import set_actor
from recovery.feed.scopes import scope_id
from recovery.limits.limit import limited
from recovery.signin.authentication import authenticate

SHA256 = re.compile(r"[0-9a-f]{64}")
# Never shown by a browser, never taken for something else, never kept on the way.
AS_IT_IS = {
    "Content-Disposition": "attachment",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Accept-Ranges": "bytes",
}
RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")


@limited(allowances.BLOB)
@posted
def declare(request: HttpRequest) -> HttpResponse:
    """Begin an upload, or ask where it stopped."""
    user, body = authenticate(request), json_object(request)
    size = a_number(body, "size", 0, 1, LARGEST)
    upload = uploads.declare(user.id, _scope(body), _sha256(body), size, timezone.now())
    return _progress(upload)


@limited(allowances.BLOB_PIECE)
@posted
def take_piece(request: HttpRequest) -> HttpResponse:
    """One piece, as the whole body; which one is in the headers."""
    user = authenticate(request)
    if request.content_type != "application/octet-stream":
        raise NotBytes
    upload, offset = _whose_piece(request)
    return _progress(uploads.take_piece(user.id, upload, offset, request.body, timezone.now()))


@limited(allowances.BLOB_READ)
@posted
def read(request: HttpRequest) -> HttpResponse:
    """The file, if the person is in the scope and something there shows it to them."""
    user, body = authenticate(request), json_object(request)
    with transaction.atomic():
        set_actor(user.id)
        blob = readable(_scope(body), user.id, _sha256(body))
        if blob and user.is_staff:
            audit_read([blob], user, timezone.now())
    try:
        data = storage.read(blob) if blob else None
    except FileNotFoundError:
        data = None
    if blob is None or data is None:
        raise NotFound
    return _file(blob, data, request.headers.get("Range", ""))


def _scope(body: dict[str, Any]) -> uuid.UUID:
    """A name that means nothing is as unknown as any other."""
    try:
        return scope_id(a_text(body, "scope"))
    except ValueError:
        raise NotFound from None


def _sha256(body: dict[str, Any]) -> bytes:
    told = a_text(body, "sha256")
    if not SHA256.fullmatch(told):
        raise invalid("sha256", "64 small hexadecimal digits.")
    return bytes.fromhex(told)


def _whose_piece(request: HttpRequest) -> tuple[uuid.UUID, int]:
    told = {"upload": request.headers.get("Upload-Id")}
    offset = request.headers.get("Upload-Offset", "")
    if not re.fullmatch(r"[0-9]{1,9}", offset):
        raise invalid("Upload-Offset", "A whole number of bytes.")
    return a_uuid(told, "upload"), int(offset)


def _progress(upload: Upload) -> HttpResponse:
    told = {
        "upload": str(upload.id),
        "offset": upload.received,
        "piece_bytes": PIECE,
        "complete": upload.blob_id is not None,
    }
    return JsonResponse(told, headers={"Cache-Control": "no-store"})


def _file(blob: Blob, data: bytes, wanted: str) -> HttpResponse:
    """All of it, or the one range that was asked for (RFC 9110); any other range means all."""
    first, last = _range(wanted, len(data))
    partial = bool(RANGE.fullmatch(wanted))
    if partial and first > last:
        raise NoSuchRange(headers=_total(data))
    answer = HttpResponse(data[first : last + 1], blob.media_type, headers=AS_IT_IS)
    if partial:
        answer.status_code = 206
        answer["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return answer


def _range(wanted: str, size: int) -> tuple[int, int]:
    """The first and the last byte of it."""
    found = RANGE.fullmatch(wanted)
    if not found:
        return 0, size - 1
    return int(found[1]), min(int(found[2] or size), size - 1)


def _total(data: bytes) -> dict[str, str]:
    return {"Content-Range": f"bytes */{len(data)}"}
