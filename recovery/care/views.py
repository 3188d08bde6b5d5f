"""Lists of care for the staff's screens."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import NotFound

from recovery.actions.views import VisibleRows, described_list
from recovery.care import queries
from recovery.care.documents.attendance import (
    ArrivalReportDocument,
    AttendanceDocument,
    WeekOfHoursDocument,
)
from recovery.care.documents.record import CareRecordDocument
from recovery.care.documents.timetable import AppointmentDocument
from recovery.care.models import (
    Appointment,
    Attendance,
    AttendanceVersion,
    CareRecord,
    WeekOfHours,
)
from recovery.feed.models import Scope

SCOPE = "a care record or a group"
DAY = OpenApiParameter("day", OpenApiTypes.DATE, description="the session's date in its series")


class RecordRow(CareRecordDocument):
    """A patient with their latest week of hours."""

    hours = WeekOfHoursDocument(source="newest_weeks", many=True)

    class Meta(CareRecordDocument.Meta):
        fields = ["id", *CareRecordDocument.Meta.fields, "hours"]


class HoursRow(WeekOfHoursDocument):
    class Meta(WeekOfHoursDocument.Meta):
        fields = ["id", *WeekOfHoursDocument.Meta.fields]


class AppointmentRow(AppointmentDocument):
    scope = serializers.CharField(source="scope_name")

    class Meta(AppointmentDocument.Meta):
        fields = ["id", "scope", *AppointmentDocument.Meta.fields]


class VersionRow(serializers.ModelSerializer[AttendanceVersion]):
    class Meta:
        model = AttendanceVersion
        fields = [
            "version",
            "status",
            "arrived_at",
            "left_at",
            "credited_minutes",
            "reason",
            "recorded_by",
            "recorded_at",
        ]


class AttendanceRow(AttendanceDocument):
    versions = VersionRow(source="attendanceversion_set", many=True)

    class Meta(AttendanceDocument.Meta):
        fields = ["id", *AttendanceDocument.Meta.fields, "versions"]


class RosterRow(serializers.ModelSerializer[CareRecord]):
    """One participant of a session: their own report of arrival, and the recorded attendance."""

    record = serializers.UUIDField(source="id")
    arrival = ArrivalReportDocument(source="arrivals", many=True)
    attendance = AttendanceDocument(source="attended", many=True)

    class Meta:
        model = CareRecord
        fields = [
            "record",
            "user_id",
            "given_name",
            "family_name",
            "name_text",
            "called",
            "arrival",
            "attendance",
        ]


@described_list("care.list_records", scope=SCOPE)
class Caseload(VisibleRows):
    """The caller's patients, by name, with the hours of their latest week.

    Without the records that another one of the same person has replaced, except by `?scope=`.
    """

    model = CareRecord
    serializer_class = RecordRow
    newest_first = queries.BY_NAME

    def get_queryset(self) -> QuerySet[Any]:
        weeks = WeekOfHours.objects.visible_to(self.request.user).select_related("level")
        newest = weeks.order_by("scope_id", "-week_start").distinct("scope_id")
        rows = queries.with_sort_name(super().get_queryset())
        if "scope" not in self.request.query_params:
            rows = rows.filter(replaced_by=None)
        return rows.prefetch_related(Prefetch("weekofhours_set", newest, to_attr="newest_weeks"))


@described_list("care.list_hours", scope=SCOPE)
class Hours(VisibleRows):
    """The hours of each week, newest first."""

    model = WeekOfHours
    serializer_class = HoursRow
    newest_first = ("-week_start", "-id")

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("level")


@described_list("care.list_sessions", DAY, scope=SCOPE)
class Sessions(VisibleRows):
    """Sessions by start time."""

    model = Appointment
    serializer_class = AppointmentRow
    newest_first = ("starts_at", "id")

    def get_queryset(self) -> QuerySet[Any]:
        name = Scope.objects.filter(id=OuterRef("scope_id")).values("name")
        rows = (
            super().get_queryset().exclude(status="withdrawn").annotate(scope_name=Subquery(name))
        )
        day = self.parameter("day", serializers.DateField())
        return rows if day is None else rows.filter(local_date=day)


@described_list("care.list_attendance", scope=SCOPE)
class AttendanceList(VisibleRows):
    """Attendance, newest session first, with every version."""

    model = Attendance
    serializer_class = AttendanceRow
    newest_first = ("-starts_at", "-id")

    def get_queryset(self) -> QuerySet[Any]:
        versions = AttendanceVersion.objects.visible_to(self.request.user).order_by("version")
        return super().get_queryset().prefetch_related(Prefetch("attendanceversion_set", versions))


@described_list("care.list_roster")
class Roster(VisibleRows):
    """The caller's patients who take part in one session."""

    model = CareRecord
    serializer_class = RosterRow
    newest_first = queries.BY_NAME

    def get_queryset(self) -> QuerySet[Any]:
        session = self._session(self.kwargs["session_id"])
        return queries.roster(super().get_queryset(), session, self.request.user)

    def _session(self, session_id: uuid.UUID) -> Appointment:
        rows = Appointment.objects.visible_to(self.request.user).filter(id=session_id)
        session: Appointment | None = rows.first()
        if session is None:
            raise NotFound
        return session
