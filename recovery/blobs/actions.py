"""Showing a file, for the domains that say with what: called inside their actions."""

from __future__ import annotations

import re
import uuid
from typing import Any

from rest_framework import serializers

from foundation.problems import NotReady
from recovery.actions import Call, Refused
from recovery.blobs import queries
from recovery.blobs.models import Blob, BlobUse, Upload
from recovery.blobs.rules import MOST_AT_ONCE

NOT_HERE = "A file has not been sent yet. Send it, then try again."
NEVER = "A file cannot be attached."
SHA256 = re.compile(r"[0-9a-f]{64}")


class Hash(serializers.CharField):
    """The SHA-256, in small hexadecimal digits, of a file as the phone sent it."""

    def to_internal_value(self, data: Any) -> bytes:  # type: ignore[override]
        told = super().to_internal_value(data)
        if not SHA256.fullmatch(told):
            raise serializers.ValidationError("64 small hexadecimal digits.")
        return bytes.fromhex(told)


class Attachments(serializers.ListField):
    """Up to four files that the person has sent to the same scope."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=Hash(), required=False, max_length=MOST_AT_ONCE, **options)

    def to_internal_value(self, data: Any) -> list[bytes]:
        return list(dict.fromkeys(super().to_internal_value(data)))


def attach(
    call: Call, scope_id: uuid.UUID, kind: str, object_id: uuid.UUID, hashes: list[bytes]
) -> list[dict[str, Any]]:
    """Let an object show these files from now on; answers what its document says of each.

    NotReady `blobs_missing`: the acting person has not sent one of them to this scope (any more).
    Refused `not_understood`, `too_many_pixels`: one is nothing that can be shown.
    """
    if not hashes:
        return []
    sent = {bytes(u.sha256): u for u in queries.uploads_to(call.actor.id, scope_id, hashes)}
    blobs = _blobs(scope_id, sent)
    if missing := [sha256.hex() for sha256 in hashes if sha256 not in blobs]:
        raise NotReady("blobs_missing", NOT_HERE, missing)
    BlobUse.objects.bulk_create(
        BlobUse(
            scope_id=scope_id,
            blob=blobs[sha256],
            by_kind=kind,
            by_id=object_id,
            after_seq=blobs[sha256].scope_seq,
        )
        for sha256 in hashes
    )
    return [described(blobs[sha256]) for sha256 in hashes]


def end_uses(call: Call, scope_id: uuid.UUID, object_id: uuid.UUID) -> None:
    """The object shows its files no longer, and nobody gets them because of it."""
    uses = BlobUse.objects.in_scope(scope_id).filter(by_id=object_id, ended_at=None)
    uses.update(ended_at=call.now)


def described(blob: Blob) -> dict[str, Any]:
    """As documents show it. `sha256` is how to ask for it; `content_sha256` and `size` are of the
    bytes that come, from which places and dates were taken. Pixels and milliseconds."""
    facts = {
        "sha256": bytes(blob.sha256).hex(),
        "content_sha256": bytes(blob.content_sha256).hex(),
        "size": blob.size,
        "kind": blob.kind,
        "media_type": blob.media_type,
        "width": blob.width,
        "height": blob.height,
        "duration_ms": blob.duration_ms,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _blobs(scope_id: uuid.UUID, sent: dict[bytes, Upload]) -> dict[bytes, Any]:
    for upload in sent.values():
        if upload.refused:
            raise Refused(upload.refused, NEVER)
    ids = [upload.blob_id for upload in sent.values() if upload.blob_id]
    found = queries.blobs_with_seq(scope_id, ids)
    return {bytes(blob.sha256): blob for blob in found}
