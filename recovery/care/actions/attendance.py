"""Who came to a session. The person says "I am here"; staff record what counts."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from rest_framework import serializers

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.rules import anyone_signed_in
from recovery.care import queries
from recovery.care.actions.hours import count_week
from recovery.care.models import (
    Appointment,
    ArrivalReport,
    Attendance,
    AttendanceVersion,
    CareRecord,
)
from recovery.care.models.attendance import STATUSES
from recovery.care.rules import access
from recovery.care.rules.hours import credited_minutes
from recovery.feed import publish

EARLY = timedelta(hours=1)
FACTS = ("status", "arrived_at", "left_at", "credited_minutes")


class ReportArrival(ActionInput):
    appointment = Ref(Appointment)


@action("care.report_arrival", input=ReportArrival, allow=anyone_signed_in)
def report_arrival(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Say "I am here", from an hour before the session until it ends. Staff confirm it.

    Said offline, it counts for the time at which it was said.
    """
    session = data["appointment"]
    record = queries.own_record(call.actor, session.programme_id)
    if record is None:
        raise Refused("no_record", "Only those in the programme can say that they are here.")
    _check_takes_place(session)
    if not session.starts_at - EARLY <= call.occurred_at <= session.ends_at:
        raise Refused("not_now", "Check in from an hour before the session until it ends.")
    report = _report(record, session, call)
    return {"report": str(report.id)}


class RecordAttendance(ActionInput):
    """Times are the actual ones; not given, they are the session's own.

    `reason` says why an earlier entry is corrected.
    """

    record = Ref(CareRecord, lock=True)
    appointment = Ref(Appointment)
    status = serializers.ChoiceField(choices=STATUSES)
    arrived_at = serializers.DateTimeField(required=False)
    left_at = serializers.DateTimeField(required=False)
    reason = serializers.CharField(max_length=300, allow_blank=True, default="")

    def validate(self, attrs: Any) -> Any:
        times = [attrs[name] for name in ("arrived_at", "left_at") if name in attrs]
        if times and attrs["status"] != "present":
            raise serializers.ValidationError("Only who was present came and left.")
        if times != sorted(times):
            raise serializers.ValidationError("Nobody leaves before they arrive.")
        return attrs


@action("care.record_attendance", input=RecordAttendance, allow=access.is_on_care_team)
def record_attendance(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Record or correct one person's attendance; the hours of that week follow at once."""
    record, session = data["record"], data["appointment"]
    _check_theirs(record, session)
    _check_takes_place(session)
    if data["status"] == "present" and call.now < session.starts_at - EARLY:
        raise Refused("not_begun", "The session has not begun.")
    row = _attendance(record, session)
    counted_in = row.week_start
    if _note(row, session, data, call):
        _keep_version(row, data["reason"])
        publish(row)
        for week in {counted_in, row.week_start}:
            count_week(record, week, call)
    _settle_report(record, session, confirmed=data["status"] == "present")
    return {"attendance": str(row.id), "credited_minutes": row.credited_minutes}


def _check_takes_place(session: Appointment) -> None:
    if session.status != "booked":
        raise Refused("cancelled", "This session does not take place.", current=session)


def _check_theirs(record: CareRecord, session: Appointment) -> None:
    """The session is in the person's own record, or of a group they are in."""
    own = session.scope_id == record.scope_id
    if not own and not queries.takes_part(session.scope_id, record.user_id):
        raise Refused("not_theirs", "This person does not take part in that session.")


def _report(record: CareRecord, session: Appointment, call: Call) -> ArrivalReport:
    """The first word counts; saying it again changes nothing."""
    reports = ArrivalReport.objects.in_scope(record.scope_id)
    known: ArrivalReport | None = reports.filter(appointment_id=session.id).first()
    if known is not None:
        return known
    report = ArrivalReport(
        id=uuid.uuid5(record.id, f"arrival/{session.id}"),
        scope_id=record.scope_id,
        record=record,
        appointment_id=session.id,
        said_at=call.occurred_at,
        state="confirmed" if _was_present(record, session) else "waiting",
    )
    report.save(force_insert=True)
    publish(report)
    return report


def _was_present(record: CareRecord, session: Appointment) -> bool:
    """Staff may have been faster than a phone without network."""
    rows = Attendance.objects.in_scope(record.scope_id).filter(appointment_id=session.id)
    return rows.filter(status="present").exists()


def _attendance(record: CareRecord, session: Appointment) -> Attendance:
    rows = Attendance.objects.in_scope(record.scope_id).filter(appointment_id=session.id)
    row: Attendance = rows.first() or Attendance(
        id=uuid.uuid5(record.id, f"attendance/{session.id}"),
        scope_id=record.scope_id,
        record=record,
        appointment_id=session.id,
        appointment_scope_id=session.scope_id,
        kind=session.kind,
        week_start=queries.week_start(record.programme, session.starts_at),
        version=0,
    )
    row.record = record
    return row


def _note(row: Attendance, session: Appointment, data: dict[str, Any], call: Call) -> bool:
    """Write what is known now; whether it differs from what was known."""
    before = {name: getattr(row, name) for name in FACTS}
    row.status = data["status"]
    row.arrived_at, row.left_at = data.get("arrived_at"), data.get("left_at")
    row.credited_minutes = 0
    if row.status == "present":
        row.credited_minutes = credited_minutes(
            session.starts_at, session.ends_at, row.arrived_at, row.left_at
        )
    if row.version and before == {name: getattr(row, name) for name in FACTS}:
        return False
    # The session may have moved since the last entry.
    row.title, row.starts_at, row.ends_at = session.title, session.starts_at, session.ends_at
    row.week_start = queries.week_start(row.record.programme, session.starts_at)
    row.version += 1
    row.recorded_by, row.recorded_at = call.actor.id, call.now
    row.save()
    return True


def _keep_version(row: Attendance, reason: str) -> None:
    facts = (*FACTS, "recorded_by", "recorded_at", "version")
    AttendanceVersion(
        scope_id=row.scope_id,
        attendance=row,
        reason=reason,
        **{name: getattr(row, name) for name in facts},
    ).save(force_insert=True)


def _settle_report(record: CareRecord, session: Appointment, *, confirmed: bool) -> None:
    reports = ArrivalReport.objects.in_scope(record.scope_id)
    report = reports.filter(appointment_id=session.id).first()
    if report is not None:
        report.state = "confirmed" if confirmed else "declined"
        report.save(update_fields=["state"])
        publish(report)
