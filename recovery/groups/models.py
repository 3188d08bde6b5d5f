"""Closed peer groups, invitations to them, and go-rounds."""

from __future__ import annotations

from django.db import models
from django.db.models import DO_NOTHING, PROTECT, F, Q

from recovery.actions.models import SelfReported
from recovery.care.models import Programme
from recovery.conversations.models import MemberCard
from recovery.feed.models import Personal, Scoped


class PeerGroup(Scoped):
    """A small closed group that mirrors a therapy group. `id` is its scope's id."""

    programme = models.ForeignKey(Programme, PROTECT)
    name = models.TextField()
    size_max = models.SmallIntegerField(help_text="members, facilitators not counted")
    house_rules = models.JSONField(help_text="as the programme's settings had them")
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=F("scope_id")), name="peer_group_is_scope"),
            models.CheckConstraint(condition=Q(size_max__gte=2), name="peer_group_has_room"),
        ]


class GroupInvitation(Personal):
    """An invitation of one patient, who sees the group only after accepting.

    `record_id` is the patient's care record, in which the consent will be kept.
    """

    group_id = models.UUIDField()
    group_name = models.TextField()
    programme = models.ForeignKey(Programme, PROTECT)
    record_id = models.UUIDField()
    house_rules = models.JSONField()
    invited_by = models.UUIDField()
    invited_at = models.DateTimeField()
    state = models.TextField(
        choices=[(s, s) for s in ("open", "joined", "declined", "withdrawn")], default="open"
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "group_id"], condition=Q(state="open"), name="invited_once"
            )
        ]


class Round(Scoped):
    """A go-round: each member says one line of each kind, then all support each other."""

    on_date = models.DateField(help_text="of the session it belongs to")
    topic = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id"], condition=Q(closed_at=None), name="one_open_round"
            )
        ]


class RoundLine(SelfReported, Scoped):
    """A member's success of the day before, difficulty, or plan for today."""

    KINDS = ("success", "hard", "plan")

    round = models.ForeignKey(Round, DO_NOTHING, db_constraint=False)
    author = models.ForeignKey(MemberCard, DO_NOTHING, db_constraint=False)
    kind = models.TextField(choices=[(k, k) for k in KINDS])
    text = models.TextField()
    written_at = models.DateTimeField(help_text="as far as we can know")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "round", "author", "kind"], name="one_line_of_a_kind"
            )
        ]
        indexes = [models.Index(fields=["scope_id", "received_at", "id"], name="lines_in_order")]


class Support(SelfReported, Scoped):
    """A word of support for a line. Support is never counted."""

    WORDS = ("with_you", "me_too", "thank_you", "proud_of_you")

    line = models.ForeignKey(RoundLine, DO_NOTHING, db_constraint=False)
    author = models.ForeignKey(MemberCard, DO_NOTHING, db_constraint=False)
    word = models.TextField(choices=[(w, w) for w in WORDS])
    text = models.TextField(blank=True)
    written_at = models.DateTimeField(help_text="as far as we can know")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "line", "author"], name="one_support")
        ]
        indexes = [models.Index(fields=["scope_id", "written_at", "id"], name="support_in_order")]
