"""Programmes, records, episodes, sessions, attendance and reminders."""

from recovery.care.models.attendance import (
    ArrivalReport,
    Attendance,
    AttendanceVersion,
    WeekOfHours,
)
from recovery.care.models.correction import CorrectionRequest, RecordCorrection
from recovery.care.models.programme import LevelOfCare, Programme, ProgrammeCard
from recovery.care.models.record import (
    CareRecord,
    CareTeamMember,
    Episode,
    EpisodeChapter,
    EpisodeEnding,
    LevelChange,
    RecordLink,
)
from recovery.care.models.reminder import Reminder
from recovery.care.models.session import Appointment, SessionException, SessionSeries

__all__ = [
    "Appointment",
    "ArrivalReport",
    "Attendance",
    "AttendanceVersion",
    "CareRecord",
    "CareTeamMember",
    "CorrectionRequest",
    "Episode",
    "EpisodeChapter",
    "EpisodeEnding",
    "LevelChange",
    "LevelOfCare",
    "Programme",
    "ProgrammeCard",
    "RecordCorrection",
    "RecordLink",
    "Reminder",
    "SessionException",
    "SessionSeries",
    "WeekOfHours",
]
