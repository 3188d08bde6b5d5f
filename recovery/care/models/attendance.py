"""Attendance and the hours it counts for. Each row is in the `care:` scope of one person, because
the other members of a group must not see it."""

from django.db import models
from django.db.models import DO_NOTHING, PROTECT, F, Q

from recovery.actions.models import SelfReported
from recovery.care.models.programme import LevelOfCare
from recovery.care.models.record import CareRecord
from recovery.feed.models import Scoped

STATUSES = ("present", "absent", "excused")


class AttendanceFacts(models.Model):
    """The attendance of one person at one session. Times are the actual ones."""

    status = models.TextField(choices=[(status, status) for status in STATUSES])
    arrived_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    credited_minutes = models.IntegerField()
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True


class Attendance(AttendanceFacts, Scoped):
    """One person's current attendance of one session. `version` is 1 plus the corrections.

    `appointment_id` may be a session of another scope, a group's. `week_start` is the first day of
    the programme's week for which the hours count.
    """

    record = models.ForeignKey(CareRecord, DO_NOTHING, db_constraint=False)
    appointment_id = models.UUIDField()
    appointment_scope_id = models.UUIDField()
    kind = models.TextField()
    title = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    week_start = models.DateField()
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "appointment_id"], name="attended_once"),
            models.CheckConstraint(
                condition=Q(status="present", credited_minutes__gte=0) | Q(credited_minutes=0),
                name="only_presence_is_credited",
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(arrived_at=None) | Q(left_at__gte=F("arrived_at")),
                name="left_after_arriving",
            ),
        ]
        indexes = [models.Index(fields=["scope_id", "week_start"], name="attendance_of_week")]


class AttendanceVersion(AttendanceFacts, Scoped):
    """Every version of an attendance, the current one included. It never changes."""

    append_only = True

    attendance = models.ForeignKey(Attendance, DO_NOTHING, db_constraint=False)
    version = models.IntegerField()
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "attendance", "version"], name="attendance_version_once"
            )
        ]


class ArrivalReport(SelfReported, Scoped):
    """A patient's "I am here", sent at `said_at`, which staff confirm or decline."""

    record = models.ForeignKey(CareRecord, DO_NOTHING, db_constraint=False)
    appointment_id = models.UUIDField()
    said_at = models.DateTimeField()
    state = models.TextField(
        choices=[(s, s) for s in ("waiting", "confirmed", "declined")], default="waiting"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "appointment_id"], name="arrival_once")
        ]


class WeekOfHours(Scoped):
    """One person's target and credited minutes in one week of the programme.

    Level and target are those of the week's last day, and fixed once the week is over. After that,
    `minutes_done` changes only when attendance is corrected.
    """

    record = models.ForeignKey(CareRecord, DO_NOTHING, db_constraint=False)
    week_start = models.DateField()
    week_end = models.DateField(help_text="the last day")
    level = models.ForeignKey(LevelOfCare, PROTECT)
    minutes_min = models.IntegerField()
    minutes_target = models.IntegerField()
    minutes_max = models.IntegerField()
    minutes_done = models.IntegerField(default=0)
    minutes_booked = models.IntegerField(default=0, help_text="sessions still to come this week")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "week_start"], name="hours_of_week_once")
        ]
