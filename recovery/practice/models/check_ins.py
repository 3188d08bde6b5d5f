"""The daily check-in. The scope is the care record."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from recovery.actions.models import SelfReported
from recovery.feed.models import Scoped


class CheckIn(SelfReported, Scoped):
    """How one day went for one person. Null is "unknown", never "no".

    One for each record, day and slot, with an id that every phone of the person can compute. A day
    by a clock that was far off is kept as it was sent, and is in `unread`.
    """

    user_id = models.UUIDField()
    local_date = models.DateField()
    slot = models.TextField()
    time_zone = models.TextField(blank=True, help_text="IANA name, as the phone had it")
    revision = models.SmallIntegerField(default=0, help_text="how often it was written")

    success = models.TextField(null=True, help_text="what went well the day before")
    success_shared = models.BooleanField(default=False, help_text="may go to the group's round")
    mood = models.SmallIntegerField(null=True, help_text="1-5")
    craving_now = models.SmallIntegerField(null=True, help_text="0-10")
    craving_worst = models.SmallIntegerField(null=True, help_text="0-10, in the last 24 hours")
    sleep_hours = models.DecimalField(null=True, max_digits=3, decimal_places=1)
    sleep_quality = models.SmallIntegerField(null=True, help_text="1-5")
    halt = ArrayField(models.TextField(), null=True, help_text="hungry, angry, lonely, tired")
    medication = models.TextField(null=True)
    used = models.BooleanField(null=True)
    used_what = models.TextField(null=True)
    plan = models.TextField(null=True, help_text="the one thing for today")
    gap_reason = models.TextField(null=True, help_text="why there was silence, explained later")

    recorded_at = models.DateTimeField(help_text="of the latest answer, as far as we can know")
    received_at = models.DateTimeField()
    signed_by = models.UUIDField(null=True)
    signed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["scope_id", "-local_date"], name="check_in_of_scope"),
            models.Index(fields=["-local_date", "-id"], name="check_in_newest_first"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "local_date", "slot"], name="check_in_once_a_slot"
            ),
            models.CheckConstraint(
                condition=Q(mood__range=(1, 5)) & Q(sleep_quality__range=(1, 5)),
                name="check_in_one_to_five",
            ),
            models.CheckConstraint(
                condition=Q(craving_now__range=(0, 10)) & Q(craving_worst__range=(0, 10)),
                name="check_in_nought_to_ten",
            ),
            models.CheckConstraint(
                condition=Q(sleep_hours__range=(0, 24)), name="check_in_hours_of_a_day"
            ),
        ]

    @staticmethod
    def id_of(record_id: uuid.UUID, local_date: dt.date, slot: str) -> uuid.UUID:
        """Computed, so that two offline phones of one person write to the same row.

        It depends on the record, because a person in two programmes has two check-ins a day.
        """
        return uuid.uuid5(record_id, f"{local_date.isoformat()}/{slot}")


class CheckInVersion(Scoped):
    """The answers of a check-in before a change."""

    append_only = True

    check_in = models.ForeignKey(
        CheckIn, on_delete=models.DO_NOTHING, db_constraint=False, related_name="versions"
    )
    revision = models.SmallIntegerField()
    answers = models.JSONField()
    recorded_at = models.DateTimeField()
    replaced_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "check_in", "revision"], name="check_in_revision_once"
            )
        ]
