"""Who may upload files to a scope, and who may read them."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Exists, OuterRef, Subquery

from recovery.blobs.models import Blob, Upload
from recovery.blobs.rules import KEPT_UNUSED, SCOPE_KINDS
from recovery.feed.models import Membership, Scope, ScopedQuerySet

# One statement, so that membership, object and blob are one snapshot. Members may read a file if
# an object that shows it was first published after they joined; later edits do not count. For an
# object that has left the feed, `after_seq` says when it was published.
READABLE = """
SELECT b.* FROM recovery_blob AS b
JOIN recovery_membership AS m ON m.scope_id = b.scope_id AND m.user_id = %(user)s AND NOT m.held
JOIN recovery_scope AS s ON s.id = b.scope_id AND s.is_open
WHERE b.scope_id = %(scope)s AND b.sha256 = %(sha256)s AND EXISTS (
    SELECT FROM recovery_blobuse AS u
    LEFT JOIN recovery_feedentry AS f ON f.scope_id = u.scope_id AND f.kind = u.by_kind
        AND f.object_id = u.by_id
    WHERE u.scope_id = b.scope_id AND u.blob_id = b.id AND u.ended_at IS NULL
        AND coalesce(f.since, u.after_seq + 1) > m.visible_from)
"""


def may_send_to(scope_id: uuid.UUID, user_id: uuid.UUID) -> bool:
    """Whether the user is in this open scope, and it is of a kind that takes files."""
    mine = Membership.objects.filter(scope_id=scope_id, user_id=user_id, held=False)
    scopes = Scope.objects.filter(id=scope_id, kind__in=SCOPE_KINDS, is_open=True)
    return mine.filter(Exists(scopes)).exists()


def upload_of(user_id: uuid.UUID, upload_id: uuid.UUID) -> Upload | None:
    upload: Upload | None = Upload.objects.in_scope(user_id).filter(id=upload_id).first()
    return upload


def uploads_to(user_id: uuid.UUID, scope_id: uuid.UUID, hashes: list[bytes]) -> list[Upload]:
    """The user's finished and unfinished uploads to the scope."""
    mine = Upload.objects.in_scope(user_id).filter(to_scope_id=scope_id, sha256__in=hashes)
    return list(mine)


def unfinished(user_id: uuid.UUID, now: datetime) -> int:
    """How many unfinished uploads of this user are still kept."""
    mine = Upload.objects.in_scope(user_id).filter(blob_id=None, refused="")
    return mine.filter(touched_at__gt=now - KEPT_UNUSED).count()


def blob(scope_id: uuid.UUID, blob_id: uuid.UUID) -> Blob | None:
    row: Blob | None = Blob.objects.in_scope(scope_id).filter(id=blob_id).first()
    return row


def blob_of(scope_id: uuid.UUID, sha256: bytes) -> Blob | None:
    """The blob of these bytes, for members of the scope."""
    row: Blob | None = Blob.objects.in_scope(scope_id).filter(sha256=sha256).first()
    return row


def blobs_with_seq(scope_id: uuid.UUID, ids: list[uuid.UUID]) -> ScopedQuerySet:
    """The blobs with `scope_seq`, the head of their scope.

    They are locked, because the garbage collection would erase one that nothing uses yet.
    """
    seq = Subquery(Scope.objects.filter(id=OuterRef("scope_id")).values("seq"))
    blobs = Blob.objects.in_scope(scope_id).filter(id__in=ids).annotate(scope_seq=seq)
    return blobs.select_for_update(no_key=True, of=("self",))


def readable(scope_id: uuid.UUID, user_id: uuid.UUID, sha256: bytes) -> Blob | None:
    """The blob, for a member of its scope who may see an object that shows it now."""
    for blob in Blob.objects.raw(READABLE, {"user": user_id, "scope": scope_id, "sha256": sha256}):
        return blob
    return None
