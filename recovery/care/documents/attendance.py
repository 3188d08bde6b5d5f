"""What phones see of arrivals, attendance and weekly hours."""

from __future__ import annotations

from rest_framework import serializers

from recovery.actions.self_reports import SelfReportDocument
from recovery.care.models import (
    ArrivalReport,
    Attendance,
    LevelOfCare,
    WeekOfHours,
)
from recovery.feed import Policy, document
from recovery.feed.ids import derived


@document(
    "arrival_report",
    ArrivalReport,
    conflict=Policy.APPEND_ONLY,
    scopes=("care",),
    ids=derived("{scope}", "arrival/{document.appointment_id}"),
    actions=(
        "care.record_attendance",
        "care.report_arrival",
    ),
)
class ArrivalReportDocument(SelfReportDocument):
    """A patient's "I am here", which staff confirm or decline."""

    class Meta:
        model = ArrivalReport
        fields = ["record", "appointment_id", "said_at", "state", "unread"]


@document(
    "attendance",
    Attendance,
    conflict=Policy.SERVER_OWNED,
    scopes=("care",),
    ids=derived("{scope}", "attendance/{document.appointment_id}"),
    actions=("care.record_attendance",),
)
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


@document(
    "week_of_hours",
    WeekOfHours,
    conflict=Policy.SERVER_OWNED,
    scopes=("care",),
    ids=derived("{scope}", "hours/{document.week_start}"),
    actions=(
        "care.admit_patient",
        "care.change_level",
        "care.end_episode",
        "care.link_records",
        "care.make_alumnus",
        "care.readmit",
        "care.record_attendance",
        "care.reopen_episode",
        "care.turn_week",
        "care.undo_admission",
        "care.unlink_records",
    ),
)
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
