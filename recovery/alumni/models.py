"""Connections between two people from a group, and announcements to alumni."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import PROTECT, F, Q

from recovery.care.models import Programme
from recovery.feed.models import Personal, Scoped

LIVE = ("asked", "waiting", "connected")


class Connection(Personal):
    """One side of a connection: only what this person may know of it.

    `asked`: this person said yes, and sees no more until the other does too. `waiting`: the other
    said yes and waits for this person's answer. `declined`: this person said no, which the other
    never learns. Both sides have the same `request_id`.
    """

    request_id = models.UUIDField()
    other_user_id = models.UUIDField()
    card_id = models.UUIDField(help_text="the other's, in the group where they met")
    alias = models.TextField()
    avatar = models.TextField(blank=True)
    programme = models.ForeignKey(Programme, PROTECT)
    state = models.TextField(choices=[(s, s) for s in (*LIVE, "declined", "ended")])
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    pair_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "other_user_id"],
                condition=Q(state__in=LIVE),
                name="one_live_connection",
            ),
            models.CheckConstraint(
                condition=~Q(state="connected") | Q(pair_id__isnull=False),
                name="connected_in_a_pair",
            ),
        ]

    @staticmethod
    def id_of(request_id: uuid.UUID, user_id: uuid.UUID) -> uuid.UUID:
        """The id of the recipient's side. The requester's side has the id of the request."""
        return uuid.uuid5(request_id, str(user_id))


class Pair(Scoped):
    """The conversation of two connected people. `id` is its scope's id."""

    request_id = models.UUIDField()
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=F("scope_id")), name="pair_is_scope")]


class Campaign(Scoped):
    """An announcement to all alumni of a programme, in the `staff:` scope of its authors.

    `planned`, `reached` and `held_back` are counted while it is sent. One that was `stopped`
    reaches nobody else; as a draft, it never reached anybody.
    """

    programme = models.ForeignKey(Programme, PROTECT)
    text = models.JSONField(help_text="by locale; none may be missing")
    state = models.TextField(
        choices=[(s, s) for s in ("draft", "sending", "sent", "stopped")], default="draft"
    )
    drafted_by = models.UUIDField()
    drafted_at = models.DateTimeField()
    announced_by = models.UUIDField(null=True)
    announced_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    stopped_by = models.UUIDField(null=True)
    stopped_at = models.DateTimeField(null=True)
    planned = models.IntegerField(null=True, help_text="alumni when it began")
    reached = models.IntegerField(null=True, help_text="people who have it")
    held_back = models.IntegerField(null=True, help_text="people who had enough this week")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False, reached__isnull=False),
                name="sent_campaign_is_counted",
            ),
        ]


class InboxItem(Personal):
    """One person's copy of an announcement. Only they can see that they have it."""

    campaign_id = models.UUIDField()
    programme = models.ForeignKey(Programme, PROTECT)
    text = models.JSONField(help_text="by locale")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "campaign_id"], name="announced_once")
        ]
        indexes = [models.Index(fields=["scope_id", "received_at"], name="inbox_in_order")]
