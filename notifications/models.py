"""Devices that can be reached, what must reach them, and what became of it.

Everything that waits is kept in 64 buckets by scope, so that pumps beside each other take
different ones. The keys (bucket, id) and the partial indices are what makes a claim cheap.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

BUCKETS = 64
PLANNED = Q(state="planned")


def bucket_of(scope_id: uuid.UUID) -> int:
    """The bucket of a scope. Every kind of UUID in use ends in random or hashed bits; the SQL
    function `notifications_bucket` says the same."""
    return scope_id.bytes[15] % BUCKETS


class PushRegistration(models.Model):
    """One installed app that the push service can reach, for as long as its session lives.

    `sealed` is the token or Firebase installation id; `fingerprint` recognises it.
    """

    table_class = "personal"
    pump = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scope_id = models.UUIDField(editable=False)
    session_id = models.UUIDField()
    kind = models.TextField(choices=[("token", "token"), ("fid", "fid")])
    platform = models.TextField(choices=[("android", "android"), ("ios", "ios"), ("web", "web")])
    sealed = models.BinaryField()
    fingerprint = models.BinaryField()
    refreshed_at = models.DateTimeField()
    state = models.TextField(default="active", help_text="active, dead or quarantined")
    reason = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "session_id"], name="one_device_a_session"),
            models.CheckConstraint(
                condition=Q(state__in=["active", "dead", "quarantined"]), name="registration_state"
            ),
        ]
        indexes = [models.Index(fields=["fingerprint"], name="registration_fingerprint")]


class Preferences(models.Model):
    """How a person wants to be reached. Quiet hours are local wall time and may pass midnight."""

    table_class = "personal"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scope_id = models.UUIDField(editable=False)
    time_zone = models.TextField(default="America/New_York", help_text="IANA name")
    quiet_start = models.TimeField(null=True)
    quiet_end = models.TimeField(null=True)
    lead_minutes = models.JSONField(default=list, help_text="how long before a session, in minutes")
    opt_outs = models.JSONField(default=list, help_text="names of notification types")
    changed_after = models.JSONField(
        default=dict, help_text="by field: the number under which its last value was published"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id"], name="preferences_of_one_person"),
            models.CheckConstraint(
                condition=Q(quiet_start=None, quiet_end=None)
                | Q(quiet_start__isnull=False, quiet_end__isnull=False),
                name="both_quiet_hours",
            ),
        ]


class Intent(models.Model):
    """Something that everybody in a scope should hear at `due`. The pump turns it into one
    `Delivery` for each device, by who is a member at that moment."""

    table_class = "scoped"
    pump = True

    pk = models.CompositePrimaryKey("bucket", "id")
    bucket = models.SmallIntegerField(editable=False)
    id = models.UUIDField(default=uuid7, editable=False)
    scope_id = models.UUIDField(editable=False)
    type = models.TextField()
    push_class = models.TextField()
    except_user = models.UUIDField(null=True)
    role = models.TextField(null=True)
    jitter = models.FloatField(default=0, help_text="seconds")
    due = models.DateTimeField()
    expires = models.DateTimeField()
    dedupe = models.TextField(null=True)
    state = models.TextField(default="planned", help_text="planned, expanded, expired or cancelled")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "dedupe"], name="intent_once"),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "expanded", "expired", "cancelled"]),
                name="intent_state",
            ),
        ]
        indexes = [models.Index(fields=["bucket", "due"], condition=PLANNED, name="intent_due")]


class Outgoing(models.Model):
    """What deliveries and letters share: a place in the queue, a lease and an end.

    Claiming raises `fence` and moves `due` to the end of the lease, so a lost worker's row
    comes back by itself; a result counts only under the fence it was claimed with.
    """

    pump = True

    bucket = models.SmallIntegerField(editable=False)
    id = models.UUIDField(default=uuid7, editable=False)
    scope_id = models.UUIDField(editable=False)
    due = models.DateTimeField()
    expires = models.DateTimeField()
    state = models.TextField(default="planned", help_text="planned, sent, expired or dead")
    fence = models.IntegerField(default=0)
    attempts = models.IntegerField(default=0)
    reason = models.TextField(default="", help_text="one word of a closed list, never a message")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Delivery(Outgoing):
    """The ledger: one push to one device. `id` is the only thing that logs may name.

    Unclaimed pushes of one class to one device are one push: they would say the same.
    """

    table_class = "personal"

    pk = models.CompositePrimaryKey("bucket", "id")
    registration_id = models.UUIDField(editable=False)
    push_class = models.TextField()
    rank = models.SmallIntegerField()
    fcm_id = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "registration_id", "push_class"],
                condition=Q(state="planned", fence=0),
                name="delivery_coalesced",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "sent", "expired", "dead"]), name="delivery_state"
            ),
        ]
        indexes = [
            models.Index(fields=["bucket", "rank", "due"], condition=PLANNED, name="delivery_due")
        ]


class Letter(Outgoing):
    """An e-mail. Address and context are sealed, and erased once it is sent or expired."""

    table_class = "scoped"

    pk = models.CompositePrimaryKey("bucket", "id")
    type = models.TextField()
    mail = models.TextField()
    sealed = models.BinaryField()
    dedupe = models.TextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "dedupe"], name="letter_once"),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "sent", "expired", "dead"]), name="letter_state"
            ),
        ]
        indexes = [models.Index(fields=["bucket", "due"], condition=PLANNED, name="letter_due")]


class Pause(models.Model):
    """Until when nobody sends through `name`: "fcm", "fcm:ios" (or another platform), "mail".

    Shared by all pumps, so that one 429 stills them all.
    """

    table_class = "reference"
    pump = True

    name = models.TextField(primary_key=True)
    until = models.DateTimeField()
    reason = models.TextField()
