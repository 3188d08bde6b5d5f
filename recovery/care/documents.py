"""What phones see of care. A document uses nothing but its own row, so that it can be rebuilt from
the row."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from notifications.models import Preferences
from recovery.actions.self_reports import SelfReportDocument
from recovery.care.models import (
    Appointment,
    ArrivalReport,
    Attendance,
    CareRecord,
    CareTeamMember,
    CorrectionRequest,
    Episode,
    EpisodeChapter,
    LevelChange,
    LevelOfCare,
    ProgrammeCard,
    RecordCorrection,
    Reminder,
    SessionSeries,
    WeekOfHours,
)
from recovery.feed import Policy, document


@document("programme", ProgrammeCard, conflict=Policy.SERVER_OWNED)
class ProgrammeDocument(serializers.ModelSerializer[ProgrammeCard]):
    """The programme's settings, such as helplines, staffed hours, levels and house rules."""

    class Meta:
        model = ProgrammeCard
        fields: list[str] = []

    def to_representation(self, card: ProgrammeCard) -> dict[str, Any]:
        return dict(card.content)


@document(
    "care_record",
    CareRecord,
    conflict=Policy.SERVER_OWNED,
    shown=lambda record: record.entered_in_error_at is None,
)
class CareRecordDocument(serializers.ModelSerializer[CareRecord]):
    """The person as their care team sees them."""

    class Meta:
        model = CareRecord
        fields = [
            "programme",
            "user_id",
            "given_name",
            "family_name",
            "name_text",
            "called",
            "date_of_birth",
            "locale",
            "email",
            "phone",
            "opened_at",
            "alumnus_since",
            "replaced_by",
        ]


@document("episode", Episode, conflict=Policy.SERVER_OWNED)
class EpisodeDocument(serializers.ModelSerializer[Episode]):
    """One course of care; its levels are the chapters. `end_reason` and `follows` are codes."""

    class Meta:
        model = Episode
        fields = ["record", "started_on", "ended_on", "end_reason", "follows", "referred_to"]


@document("episode_chapter", EpisodeChapter, conflict=Policy.SERVER_OWNED)
class EpisodeChapterDocument(serializers.ModelSerializer[EpisodeChapter]):
    """A level of care from a date until the next chapter."""

    level = serializers.SlugRelatedField[LevelOfCare](slug_field="code", read_only=True)

    class Meta:
        model = EpisodeChapter
        fields = [
            "episode",
            "level",
            "asam_edition",
            "asam_code",
            "minutes_target",
            "from_date",
            "reason",
            "decided_by",
            "recorded_at",
        ]


@document("level_change", LevelChange, conflict=Policy.SERVER_OWNED)
class LevelChangeDocument(serializers.ModelSerializer[LevelChange]):
    """What changed with a level of care: hours, sessions, and groups that stay.

    `lines` says it to the patient: show the texts in their language, in order.
    """

    class Meta:
        model = LevelChange
        fields = [
            "record",
            "chapter",
            "from_date",
            "level_before",
            "level",
            "minutes_before",
            "minutes_target",
            "sessions",
            "groups",
            "lines",
            "recorded_at",
        ]


@document("care_team_member", CareTeamMember, conflict=Policy.SERVER_OWNED)
class CareTeamMemberDocument(serializers.ModelSerializer[CareTeamMember]):
    """A member of the care team. Their name is in their `staff_member`."""

    class Meta:
        model = CareTeamMember
        fields = ["record", "user_id", "role", "since", "until"]


@document("record_correction", RecordCorrection, conflict=Policy.SERVER_OWNED)
class RecordCorrectionDocument(serializers.ModelSerializer[RecordCorrection]):
    """What staff corrected in a record: `field` is a code, `before` and `after` its values."""

    class Meta:
        model = RecordCorrection
        fields = [
            "record",
            "field",
            "before",
            "after",
            "reason",
            "request",
            "corrected_by",
            "corrected_at",
        ]


@document("correction_request", CorrectionRequest, conflict=Policy.APPEND_ONLY)
class CorrectionRequestDocument(SelfReportDocument):
    """What a person asks to have corrected, and the answer of staff."""

    class Meta:
        model = CorrectionRequest
        fields = [
            "record",
            "field",
            "wanted",
            "asked_at",
            "state",
            "answer",
            "answered_by",
            "answered_at",
            "unread",
        ]


@document("session_series", SessionSeries, conflict=Policy.SERVER_OWNED)
class SessionSeriesDocument(serializers.ModelSerializer[SessionSeries]):
    """The rule of a timetable, to display. The sessions themselves are appointments.

    `slots` has the slot of the appointments at each of the `times`.
    """

    class Meta:
        model = SessionSeries
        fields = [
            "kind",
            "title",
            "rule",
            "first_date",
            "times",
            "slots",
            "time_zone",
            "minutes",
            "place",
            "video_link",
            "ended_on",
        ]


@document("appointment", Appointment, conflict=Policy.SERVER_OWNED)
class AppointmentDocument(serializers.ModelSerializer[Appointment]):
    """One session: booked, cancelled, or withdrawn from the timetable."""

    class Meta:
        model = Appointment
        fields = [
            "series",
            "local_date",
            "slot",
            "kind",
            "title",
            "starts_at",
            "ends_at",
            "time_zone",
            "place",
            "video_link",
            "status",
            "reason",
        ]


@document("arrival_report", ArrivalReport, conflict=Policy.APPEND_ONLY)
class ArrivalReportDocument(SelfReportDocument):
    """A patient's "I am here", which staff confirm or decline."""

    class Meta:
        model = ArrivalReport
        fields = ["record", "appointment_id", "said_at", "state", "unread"]


@document("attendance", Attendance, conflict=Policy.SERVER_OWNED)
class AttendanceDocument(serializers.ModelSerializer[Attendance]):
    """The credited part of one session. A `version` above 1 is a correction."""

    class Meta:
        model = Attendance
        fields = [
            "record",
            "appointment_id",
            "kind",
            "title",
            "starts_at",
            "ends_at",
            "week_start",
            "status",
            "arrived_at",
            "left_at",
            "credited_minutes",
            "version",
            "recorded_at",
        ]


@document("week_of_hours", WeekOfHours, conflict=Policy.SERVER_OWNED)
class WeekOfHoursDocument(serializers.ModelSerializer[WeekOfHours]):
    """The hours ring of one week, in minutes."""

    level = serializers.SlugRelatedField[LevelOfCare](slug_field="code", read_only=True)
    minutes_left = serializers.SerializerMethodField()

    class Meta:
        model = WeekOfHours
        fields = [
            "record",
            "week_start",
            "week_end",
            "level",
            "minutes_min",
            "minutes_target",
            "minutes_max",
            "minutes_done",
            "minutes_left",
        ]

    def get_minutes_left(self, week: WeekOfHours) -> int:
        return max(0, week.minutes_target - week.minutes_done)


@document(
    "reminder",
    Reminder,
    conflict=Policy.SERVER_OWNED,
    shown=lambda reminder: reminder.state == "planned",
)
class ReminderDocument(serializers.ModelSerializer[Reminder]):
    """The phone shows the reminder itself, once for each `starts_at`."""

    class Meta:
        model = Reminder
        fields = [
            "appointment_id",
            "lead_minutes",
            "due_at",
            "starts_at",
            "ends_at",
            "session_zone",
            "kind",
        ]


@document("reminder_preferences", Preferences, conflict=Policy.FIELDS_WITH_BASE)
class ReminderPreferencesDocument(serializers.ModelSerializer[Preferences]):
    """How long before a session, and at which times of day, the person wants reminders."""

    class Meta:
        model = Preferences
        fields = ["time_zone", "quiet_start", "quiet_end", "lead_minutes"]
