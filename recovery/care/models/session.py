"""The timetable: rules in local wall time, exceptions to them, and the resulting sessions."""

from django.db import models
from django.db.models import DO_NOTHING, PROTECT, F, Q

from recovery.care.models.programme import Programme
from recovery.feed.models import Scoped

KINDS = (
    "group",
    "individual",
    "family",
    "psychiatry",
    "medical",
    "case_management",
    "education",
    "support_group",
    "other",
)


class SessionSeries(Scoped):
    """Sessions that repeat, in a `group:` scope or in one person's `care:` scope.

    `rule` is an RFC 5545 RRULE that gives dates. `times` are the wall times on each date, as
    "HH:MM" in `time_zone`. `slots` has a number for each of them, which it keeps for good: it names
    the sessions at that time, whatever happens to other times. `dropped` has the number of every
    time that the series once had.
    """

    programme = models.ForeignKey(Programme, PROTECT)
    kind = models.TextField(choices=[(kind, kind) for kind in KINDS])
    title = models.TextField()
    rule = models.TextField(help_text="e.g. FREQ=WEEKLY;BYDAY=MO,WE,FR")
    first_date = models.DateField()
    times = models.JSONField()
    slots = models.JSONField(default=list, db_default=[], help_text="one for each time")
    dropped = models.JSONField(default=dict, db_default={})
    time_zone = models.TextField(help_text="IANA name")
    tzdata = models.TextField(
        blank=True,
        db_default="",
        help_text="the version with which sessions were made",
    )
    minutes = models.IntegerField()
    place = models.TextField(blank=True)
    video_link = models.URLField(blank=True, max_length=500)
    ended_on = models.DateField(null=True, help_text="no sessions from this date on")
    planned_to = models.DateField(null=True, help_text="sessions exist up to this date")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__range=(5, 24 * 60)), name="session_length_in_day"
            )
        ]
        indexes = [models.Index(fields=["planned_to"], name="series_to_plan")]


class SessionException(Scoped):
    """One session of a series is cancelled, moved or held elsewhere.

    A session that moves is still identified by its original date and slot.
    """

    series = models.ForeignKey(SessionSeries, DO_NOTHING, db_constraint=False)
    local_date = models.DateField()
    slot = models.SmallIntegerField()
    cancelled = models.BooleanField(default=False)
    new_date = models.DateField(null=True)
    new_time = models.TimeField(null=True)
    place = models.TextField(null=True)  # empty: no room; null: as in the series
    video_link = models.URLField(null=True, max_length=500)  # the same
    reason = models.TextField(blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "series", "local_date", "slot"], name="one_exception_a_session"
            )
        ]


class Appointment(Scoped):
    """One session, created once for each series, local date and slot.

    `withdrawn`: a change of the series removed it from the timetable. `cancelled`: it does not
    take place. Rows are never deleted.
    """

    series = models.ForeignKey(SessionSeries, DO_NOTHING, db_constraint=False)
    programme = models.ForeignKey(Programme, PROTECT)
    local_date = models.DateField()
    slot = models.SmallIntegerField()
    kind = models.TextField(choices=[(kind, kind) for kind in KINDS])
    title = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    time_zone = models.TextField()
    place = models.TextField(blank=True)
    video_link = models.URLField(blank=True, max_length=500)
    status = models.TextField(
        choices=[(s, s) for s in ("booked", "cancelled", "withdrawn")], default="booked"
    )
    reason = models.TextField(blank=True, help_text="why cancelled, in words for members")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "series", "local_date", "slot"], name="session_made_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["scope_id", "starts_at"], name="sessions_in_order")]
