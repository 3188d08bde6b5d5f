"""Attaching files to rows of other domains. Called inside their actions."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from foundation.problems import NotReady
from recovery.actions import Call, Refused
from recovery.actions.fields import Text
from recovery.actions.self_reports import Partly
from recovery.blobs import queries
from recovery.blobs.models import Blob, BlobUse, Upload
from recovery.blobs.rules import MOST_AT_ONCE, SHA256

NOT_UPLOADED = "A file has not been uploaded yet. Please send it and try again."
NOT_ATTACHABLE = "This file cannot be attached."


class Hash(Text):
    """The SHA-256 of a file as the phone sent it: 64 lower-case hexadecimal digits."""

    def to_internal_value(self, data: Any) -> bytes:  # type: ignore[override]
        digits = super().to_internal_value(data)
        if not SHA256.fullmatch(digits):
            raise serializers.ValidationError("Must be 64 lower-case hexadecimal digits.")
        return bytes.fromhex(digits)


class Attachments(serializers.ListField):
    """Up to four files that the actor has uploaded to the same scope."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=Hash(), required=False, max_length=MOST_AT_ONCE, **options)

    def run_validation(self, data: Any = empty) -> Any:
        try:
            return super().run_validation(data)
        except serializers.ValidationError:
            # Of too many, the first are attached: the others cost neither them nor the words.
            if isinstance(data, list) and len(data) > MOST_AT_ONCE:
                raise Partly(super().run_validation(data[:MOST_AT_ONCE])) from None
            raise

    def to_internal_value(self, data: Any) -> list[bytes]:
        return list(dict.fromkeys(super().to_internal_value(data)))


def attach(
    call: Call, scope_id: uuid.UUID, kind: str, object_id: uuid.UUID, hashes: Sequence[bytes]
) -> list[dict[str, Any]]:
    """Attach these files to an object. Returns what its document says of each.

    NotReady `blobs_missing`: the actor has not uploaded one of them to this scope, or it was
    deleted since. Refused: `not_understood`, `too_many_pixels`.
    """
    if not hashes:
        return []
    sent = {bytes(u.sha256): u for u in queries.uploads_to(call.actor.id, scope_id, list(hashes))}
    blobs = _stored_blobs(scope_id, sent)
    if missing := [sha256.hex() for sha256 in hashes if sha256 not in blobs]:
        raise NotReady("blobs_missing", NOT_UPLOADED, missing)
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
    """Detach the object's files. No one can read them through this object any more."""
    uses = BlobUse.objects.in_scope(scope_id).filter(by_id=object_id, ended_at=None)
    uses.update(ended_at=call.now)


def described(blob: Blob) -> dict[str, Any]:
    """Describe a file as documents do, in pixels and milliseconds.

    `sha256` names the file as it was sent, and is the name to download it by. `content_sha256` and
    `size` are those of the bytes served, from which location and date have been removed.
    """
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


def _stored_blobs(scope_id: uuid.UUID, sent: dict[bytes, Upload]) -> dict[bytes, Any]:
    """The blobs of finished uploads, by hash. Raises Refused."""
    for upload in sent.values():
        if upload.refused:
            raise Refused(upload.refused, NOT_ATTACHABLE)
    ids = [upload.blob_id for upload in sent.values() if upload.blob_id]
    return {bytes(blob.sha256): blob for blob in queries.blobs_with_seq(scope_id, ids)}
