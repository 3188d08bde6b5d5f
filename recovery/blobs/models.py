"""Pictures and recordings. Their bytes are encrypted files outside the database (storage.py)."""

from __future__ import annotations

from django.db import models
from django.db.models import DO_NOTHING

from recovery.feed.models import Personal, Scoped


class Upload(Personal):
    """One file that one person uploads to one scope. No one else can see the upload.

    A finished upload (with `blob_id`) also proves that this person has the bytes and not only
    their hash. `refused`: why the file can never be attached.
    """

    to_scope_id = models.UUIDField()
    sha256 = models.BinaryField(help_text="of the bytes that the phone sends")
    size = models.IntegerField()
    received = models.IntegerField(default=0, help_text="bytes; every piece before it is stored")
    touched_at = models.DateTimeField()
    blob_id = models.UUIDField(null=True)
    refused = models.TextField(blank=True)
    interruptions = models.SmallIntegerField(default=0, help_text="of looking at it")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "to_scope_id", "sha256"], name="uploaded_once"
            ),
            models.CheckConstraint(
                condition=models.Q(received__lte=models.F("size")), name="upload_within_size"
            ),
        ]
        indexes = [models.Index(fields=["touched_at"], name="upload_by_age")]


class Blob(Scoped):
    """A cleaned file of one scope. It never changes. The same picture in two scopes is two blobs.

    `sha256` is the hash of what the phone sent, and the name by which phones refer to the file.
    `content_sha256` and `size` describe what is stored and served, from which location, date and
    device have been removed.
    """

    sha256 = models.BinaryField()
    content_sha256 = models.BinaryField()
    size = models.IntegerField()
    kind = models.TextField(choices=[(kind, kind) for kind in ("image", "audio")])
    media_type = models.TextField()
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    duration_ms = models.IntegerField(null=True)
    stored_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope_id", "sha256"], name="blob_once")]
        indexes = [models.Index(fields=["stored_at"], name="blob_by_age")]


class BlobUse(Scoped):
    """An object in the feed shows a blob. Once the use has ended, the blob stays but is no longer
    served for it."""

    blob = models.ForeignKey(Blob, DO_NOTHING, db_constraint=False)
    by_kind = models.TextField(help_text="of the object, as in the feed")
    by_id = models.UUIDField()
    after_seq = models.BigIntegerField(help_text="where the scope's numbering stood")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "blob", "by_kind", "by_id"], name="used_once_by_each"
            )
        ]
        indexes = [models.Index(fields=["scope_id", "by_id"], name="uses_of_object")]
