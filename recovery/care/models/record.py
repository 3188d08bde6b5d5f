"""One person in one programme: their record, its episodes of care, and the care team."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import DO_NOTHING, PROTECT, F, Q

from recovery.care.models.programme import LevelOfCare, Programme
from recovery.feed.models import Scoped
from recovery.people.models import HumanName
from recovery.people.roles import STAFF_ROLES

# Why an episode of care ends: the reasons for discharge of TEDS-D (SAMHSA), and moving away, which
# TEDS-D counts among "other".
END_REASONS = (
    "completed",
    "left",
    "ended_by_programme",
    "transferred",
    "moved",
    "incarcerated",
    "died",
    "other",
)
FOLLOWS = ("alumni", "referral", "nothing")


class CareRecord(HumanName, Scoped):
    """The record of one person in one programme. `id` is the suffix of its `care:` scope.

    Only the care team sees the legal name. In groups the person has an alias.
    """

    programme = models.ForeignKey(Programme, PROTECT)
    user_id = models.UUIDField(help_text="the patient")
    called = models.TextField(blank=True, help_text="the name the person wants to hear")
    date_of_birth = models.DateField(help_text="confirmed by staff")
    locale = models.TextField()
    email = models.EmailField(blank=True, db_default="", default="", help_text="to write to")
    phone = models.TextField(blank=True, db_default="", default="")
    opened_at = models.DateTimeField()
    alumnus_since = models.DateField(null=True)
    entered_in_error_at = models.DateTimeField(null=True, help_text="admitted by mistake")
    replaced_by = models.UUIDField(null=True, help_text="the record that goes on, of the two")
    replaces = ArrayField(models.UUIDField(), null=True, help_text="the other way around")

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
        return self.full_name


class Episode(Scoped):
    """One course of care, from admission until it is closed. Later care opens a new one.

    It has no planned end: `ended_on` is set by a decision of staff, never by the calendar. Each
    such decision is an `EpisodeEnding`; the latest one is repeated here.
    """

    record = models.ForeignKey(CareRecord, DO_NOTHING, db_constraint=False)
    started_on = models.DateField()
    ended_on = models.DateField(null=True)
    end_reason = models.TextField(blank=True, help_text="one of END_REASONS")
    follows = models.TextField(blank=True, db_default="", default="", help_text="one of FOLLOWS")
    referred_to = models.TextField(blank=True, db_default="", default="")

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


class EpisodeEnding(Scoped):
    """A decision that an episode ended on a day, or, without `ended_on`, that it goes on after all.

    `stopped` and `who_left` are what the end did to the timetable and to the care team, in case it
    is taken back: the series that ended, each with the end it had before, and the members who left.
    """

    append_only = True

    episode = models.ForeignKey(Episode, DO_NOTHING, db_constraint=False)
    ended_on = models.DateField(null=True)
    end_reason = models.TextField(blank=True)
    follows = models.TextField(blank=True)
    referred_to = models.TextField(blank=True)
    note = models.TextField(blank=True)
    was_alumnus_since = models.DateField(null=True)
    stopped = models.JSONField(default=dict)
    who_left = models.JSONField(default=list)
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()


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


class RecordLink(Scoped):
    """A step of linking two records of one person, in the record that goes on.

    `asked`: one member of the team says that the two are one person. `linked`: a second one says
    so too. `ended`: they are two people after all. `stopped`: see EpisodeEnding.
    """

    append_only = True

    record = models.ForeignKey(CareRecord, DO_NOTHING, db_constraint=False)
    other_id = models.UUIDField(help_text="the record that this one replaces")
    step = models.TextField(choices=[(s, s) for s in ("asked", "linked", "ended")])
    reason = models.TextField()
    done_by = models.UUIDField()
    done_at = models.DateTimeField()
