"""Push registrations, and the outbox: intents, deliveries and e-mails.

The outbox is divided into 64 buckets by scope, so that parallel pumps work on different ones.
The keys (bucket, id) and the partial indexes keep a claim cheap.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

BUCKETS = 64
PLANNED = Q(state="planned")


def bucket_of(scope_id: uuid.UUID) -> int:
    """The bucket of a scope. All UUIDs in use end in random or hashed bits. The SQL function
    `notifications_bucket` must return the same."""
    return scope_id.bytes[15] % BUCKETS


class PushRegistration(models.Model):
    """An installed app that the push service can reach, until its session ends.

    `sealed`: the token, the Firebase installation id or the browser's subscription, encrypted.
    `fingerprint`: the keyed hash of the token, the id or the subscription's endpoint.
    """

    table_class = "personal"
    pump = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scope_id = models.UUIDField(editable=False)
    session_id = models.UUIDField()
    kind = models.TextField(choices=[("token", "token"), ("fid", "fid"), ("web", "web")])
    platform = models.TextField(choices=[("android", "android"), ("ios", "ios"), ("web", "web")])
    locale = models.TextField(db_default="en", help_text="of what a browser shows")
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
    """How a person wants to be notified. Quiet hours are in local time and may span midnight."""

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
    """The intent to notify a scope at `due`. The pump expands it into one `Delivery` for each
    device of everyone who is a member at that moment."""

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
    waits = models.BooleanField(
        db_default=False, help_text="until each recipient's quiet hours are over"
    )
    needed_by = models.DateTimeField(
        null=True, help_text="when quiet hours end later than this, it does not wait"
    )
    # The quiet hours of recipients who have set none of their own.
    quiet_zone = models.TextField(null=True)
    quiet_start = models.TimeField(null=True)
    quiet_end = models.TimeField(null=True)
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
    """The common columns of deliveries and e-mails.

    A claim increments `fence` (the fencing token) and moves `due` to the end of the lease. So the
    rows of a crashed pump become due again by themselves, and a late result of an old claim is
    ignored, because its fence no longer matches.
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
    """One push to one device. Logs may contain its `id` and nothing else of it.

    Unclaimed pushes of the same class to the same device are merged: their bytes are the same.
    """

    table_class = "personal"

    pk = models.CompositePrimaryKey("bucket", "id")
    registration_id = models.UUIDField(editable=False)
    browser = models.BooleanField(
        db_default=False, help_text="to the push service of a browser, and not to Firebase"
    )
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
    """An e-mail. `sealed` holds address and context until it is sent or expired, then nothing."""

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
    """Nothing is sent through `name` before `until`. Names: "fcm", "fcm:ios" (or another
    platform), "mail".

    All pumps share these rows, so that one 429 pauses them all.
    """

    table_class = "reference"
    pump = True

    name = models.TextField(primary_key=True)
    until = models.DateTimeField()
    reason = models.TextField()


class BrowserKey(models.Model):
    """The public half of VAPID_KEY, with which browsers subscribe to pushes. The pump, which alone
    has the other half, writes it when it starts. One row."""

    table_class = "reference"
    pump = True

    name = models.TextField(primary_key=True, default="vapid")
    public = models.TextField(help_text="a point on P-256, in base64url")
