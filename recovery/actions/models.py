"""Receipts, which make actions idempotent, and the audit."""

from django.db import models
from django.db.models.functions import Now

from recovery.feed.models import Personal, Scoped


class SelfReported(models.Model):
    """A row that a self-report becomes (self_reports.py)."""

    unread = models.JSONField(
        null=True, help_text="what was sent and could not be read, by field; null: all was read"
    )

    class Meta:
        abstract = True


class Receipt(Personal):
    """The stored outcome of one request of one person: a retry returns it and does nothing.

    `id` is the mutation's uuid or the `Idempotency-Key`. `detail` is kept until the phone has
    acknowledged it; the row is kept for 90 days.
    """

    pk = models.CompositePrimaryKey("scope_id", "id")
    id = models.UUIDField()
    action = models.TextField()
    fingerprint = models.BinaryField(help_text="SHA-256 of the action and its input")
    client_id = models.UUIDField(null=True)
    lane = models.TextField(null=True)
    mutation_id = models.BigIntegerField(null=True)
    status = models.TextField(choices=[("applied", "applied"), ("rejected", "rejected")])
    code = models.TextField(blank=True)
    detail = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["scope_id", "client_id", "lane", "mutation_id"],
                condition=models.Q(client_id__isnull=False),
                name="receipt_of_client",
            ),
            models.Index(fields=["scope_id", "created_at"], name="receipt_by_age"),
        ]


class AuditEvent(Scoped):
    """One act of one person: names, ids and outcomes only. Never free text or request bodies."""

    append_only = True
    written_by_functions = True

    at = models.DateTimeField()
    actor_id = models.UUIDField()
    session_id = models.UUIDField(null=True)
    action = models.TextField()
    outcome = models.TextField(help_text="`applied`, `read`, or why it was refused")
    objects_touched = models.JSONField(default=list, help_text="[kind, id, scope] of each object")
    request_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["scope_id", "at"], name="audit_of_scope")]


class AuditSeal(models.Model):
    """A link of the hash chain over the audit. A job adds it within a minute of the event."""

    table_class = "reference"
    append_only = True

    position = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    hash = models.BinaryField()
    sealed_at = models.DateTimeField(db_default=Now())


class FailedMutation(Personal):
    """How often a queued mutation has failed unexpectedly. After the fifth time it is rejected."""

    pk = models.CompositePrimaryKey("scope_id", "id")
    id = models.UUIDField()
    action = models.TextField()
    times = models.IntegerField()
    first_at = models.DateTimeField()
