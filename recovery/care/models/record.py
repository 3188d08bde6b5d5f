"""One person in one programme: their record, its episodes of care, and the care team."""

from django.db import models
from django.db.models import DO_NOTHING, PROTECT, F, Q

from recovery.care.models.programme import LevelOfCare, Programme
from recovery.feed.models import Scoped
from recovery.people.roles import STAFF_ROLES


class CareRecord(Scoped):
    """The record of one person in one programme. `id` is the suffix of its `care:` scope.

    Only the care team sees the legal name. In groups the person has an alias.
    """

    programme = models.ForeignKey(Programme, PROTECT)
    user_id = models.UUIDField(help_text="the patient")
    given_name = models.TextField()
    family_name = models.TextField()
    called = models.TextField(blank=True, help_text="the name the person wants to hear")
    date_of_birth = models.DateField(help_text="confirmed by staff")
    locale = models.TextField()
    opened_at = models.DateTimeField()
    alumnus_since = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=F("scope_id")), name="care_record_is_scope")
        ]
        indexes = [
            models.Index(fields=["programme", "family_name"], name="care_record_of_programme"),
            models.Index(fields=["user_id"], name="care_record_of_person"),
        ]

    @property
    def legal_name(self) -> str:
        """As a consent needs it (42 CFR 2.31(a)(1))."""
        return f"{self.given_name} {self.family_name}"


class Episode(Scoped):
    """One course of care, from admission until it is closed. Later care opens a new one.

    It has no planned end: `ended_on` is set by a decision of staff, never by the calendar.
    """

    record = models.ForeignKey(CareRecord, DO_NOTHING, db_constraint=False)
    started_on = models.DateField()
    ended_on = models.DateField(null=True)
    end_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id"], condition=Q(ended_on=None), name="one_open_episode"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="episode_ends_after_start",
            ),
        ]


class EpisodeChapter(Scoped):
    """From `from_date` until the next chapter, the episode is at this level.

    Chapters never change, so that earlier weeks keep their level and hours. Edition and code are
    copied, because the programme may move to another edition. Of two chapters with the same date,
    the one recorded last applies.
    """

    append_only = True

    episode = models.ForeignKey(Episode, DO_NOTHING, db_constraint=False)
    level = models.ForeignKey(LevelOfCare, PROTECT)
    asam_edition = models.SmallIntegerField(null=True)
    asam_code = models.TextField(blank=True)
    minutes_target = models.IntegerField(help_text="a week, as agreed with this person")
    from_date = models.DateField()
    reason = models.TextField()
    decided_by = models.UUIDField()
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes_target__range=(0, 7 * 24 * 60)), name="chapter_target_in_week"
            )
        ]
        indexes = [models.Index(fields=["scope_id", "from_date"], name="chapters_in_order")]


class LevelChange(Scoped):
    """What one change of level changed, as the patient and the team see it.

    `sessions`: per series of the record, how many booked sessions `stopped` and `returned`.
    `groups`: those that the patient stays in, with the series of which reminders `stopped`.
    `lines`: sentences for the patient, each with a code and a text by locale.
    """

    append_only = True

    record = models.ForeignKey(CareRecord, DO_NOTHING, db_constraint=False)
    chapter = models.ForeignKey(EpisodeChapter, DO_NOTHING, db_constraint=False)
    from_date = models.DateField()
    level_before = models.TextField(help_text="code")
    level = models.TextField(help_text="code")
    minutes_before = models.IntegerField(help_text="a week")
    minutes_target = models.IntegerField(help_text="a week")
    sessions = models.JSONField(default=list)
    groups = models.JSONField(default=list)
    lines = models.JSONField(default=list)
    recorded_at = models.DateTimeField()


class CareTeamMember(Scoped):
    """A member of staff on the care team, from `since` until `until`."""

    record = models.ForeignKey(CareRecord, DO_NOTHING, db_constraint=False)
    user_id = models.UUIDField()
    role = models.TextField(choices=[(role, role) for role in STAFF_ROLES])
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "user_id"], condition=Q(until=None), name="team_member_once"
            )
        ]
