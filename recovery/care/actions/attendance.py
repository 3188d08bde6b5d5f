"""Attendance of sessions. The patient reports "I am here". Staff record what counts."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from rest_framework import serializers

from foundation.problems import Invalid
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.fields import Moment, Text
from recovery.actions.rules import anyone_signed_in
from recovery.actions.self_reports import CLOCK_FIELDS, SelfReport
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

NEAR = timedelta(hours=12)  # how far from the session a person may have arrived or left
EARLY = timedelta(hours=1)  # how long before a session a person may arrive
FACTS = ("status", "arrived_at", "left_at", "credited_minutes")
# With what it says of the session: recorded again after the session has moved, it is another entry.
COMPARED = (*FACTS, "title", "starts_at", "ends_at", "week_start")


class ReportArrival(SelfReport):
    about = ("appointment",)

    appointment = Ref(Appointment)


@action("care.report_arrival", input=ReportArrival, allow=anyone_signed_in)
def report_arrival(call: Call, *, appointment: Appointment) -> dict[str, str]:
    """Report "I am here", from one hour before the session until it ends. Staff confirm it.

    A report made offline counts for the time at which it was made. One by a clock that was far off
    counts once the session has begun; staff see the clock's time with it.
    Refused: `no_record`, `cancelled`, `not_now`.
    """
    # Locked, as by `record_attendance`, so that each of the two sees what the other has written.
    record = queries.own_record(call.actor, appointment.programme_id, lock=True)
    if record is None:
        raise Refused("no_record", "Only people in this program can check in to its sessions.")
    _require_booked(appointment)
    by_clock = call.unread.keys().isdisjoint(CLOCK_FIELDS)
    latest = appointment.ends_at if by_clock else call.now
    if not appointment.starts_at - EARLY <= (call.occurred_at if by_clock else call.now) <= latest:
        raise Refused("not_now", "You can check in from one hour before the session until it ends.")
    report = _report(record, appointment, call)
    return {"report": str(report.id)}


class RecordAttendance(ActionInput):
    """Times are the actual ones. They default to the session's times.

    `reason`: why an earlier entry is corrected. `version`: the entry that the caller saw, 0 if
    there was none, so that two colleagues do not overwrite each other.
    """

    record = Ref(CareRecord, lock=True)
    appointment = Ref(Appointment)
    status = serializers.ChoiceField(choices=STATUSES)
    arrived_at = Moment(required=False)
    left_at = Moment(required=False)
    reason = Text(max_length=300, allow_blank=True, default="")
    version = serializers.IntegerField(min_value=0, required=False)

    def validate(self, attrs: Any) -> Any:
        times = [attrs[name] for name in ("arrived_at", "left_at") if name in attrs]
        if times and attrs["status"] != "present":
            raise serializers.ValidationError(
                "Only a person who was present has an arrival and a leaving time."
            )
        if times != sorted(times):
            raise serializers.ValidationError("The leaving time must be after the arrival time.")
        return attrs


@action("care.record_attendance", input=RecordAttendance, allow=access.is_on_care_team)
def record_attendance(
    call: Call,
    *,
    record: CareRecord,
    appointment: Appointment,
    status: str,
    reason: str,
    arrived_at: datetime | None = None,
    left_at: datetime | None = None,
    version: int | None = None,
) -> dict[str, str | int]:
    """Record or correct one person's attendance. The hours of that week are updated at once.

    Refused: `not_theirs`, `cancelled`, `not_begun`, `conflict`.
    """
    # The session is in the patient's own record, or in a group in which they take part.
    in_own_record = appointment.scope_id == record.scope_id
    if not in_own_record and not queries.takes_part(appointment.scope_id, record.user_id):
        raise Refused("not_theirs", "This person does not take part in this session.")
    _require_booked(appointment)
    _check_times(appointment, arrived_at=arrived_at, left_at=left_at)
    if status == "present" and call.now < appointment.starts_at - EARLY:
        raise Refused("not_begun", "This session has not started yet.")
    row = _attendance(record, appointment)
    earlier_week = row.week_start  # the session may have moved to another week since
    seen = row.version if version is None else version
    times = {"arrived_at": arrived_at, "left_at": left_at}
    if _change(row, appointment, call, seen=seen, status=status, **times):
        _keep_version(row, reason)
        publish(row)
        for week in {earlier_week, row.week_start}:
            count_week(record, week, call)
    _answer_report(record, appointment, confirmed=status == "present")
    return {"attendance": str(row.id), "credited_minutes": row.credited_minutes}


def _check_times(session: Appointment, **times: datetime | None) -> None:
    """Raises Invalid for a time that is nowhere near the session."""
    earliest, latest = session.starts_at - NEAR, session.ends_at + NEAR
    for name, moment in times.items():
        if moment is not None and not earliest <= moment <= latest:
            sentence = (
                f"You typed {moment:%Y-%m-%d %H:%M} UTC. The session is from"
                f" {session.starts_at:%Y-%m-%d %H:%M} to {session.ends_at:%Y-%m-%d %H:%M} UTC."
            )
            raise Invalid({name: [sentence]})


def _require_booked(session: Appointment) -> None:
    if session.status != "booked":
        raise Refused("cancelled", "This session is not taking place.", current=session)


def _report(record: CareRecord, session: Appointment, call: Call) -> ArrivalReport:
    """Return the first report of this arrival. Reporting again changes nothing."""
    reports = ArrivalReport.objects.in_scope(record.scope_id)
    known: ArrivalReport | None = reports.filter(appointment_id=session.id).first()
    if known is not None:
        return known
    # Staff may have recorded the attendance before the report of an offline phone arrives.
    attendance = Attendance.objects.in_scope(record.scope_id).filter(appointment_id=session.id)
    was_present = attendance.filter(status="present").exists()
    report = ArrivalReport(
        id=uuid.uuid5(record.id, f"arrival/{session.id}"),
        scope_id=record.scope_id,
        record=record,
        appointment_id=session.id,
        said_at=call.occurred_at,
        state="confirmed" if was_present else "waiting",
        unread=call.unread or None,
    )
    report.save(force_insert=True)
    publish(report)
    return report


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


def _change(
    row: Attendance,
    session: Appointment,
    call: Call,
    *,
    seen: int,
    status: str,
    arrived_at: datetime | None,
    left_at: datetime | None,
) -> bool:
    """Change the attendance and save it. Returns whether there was anything to change. Refused:
    `conflict`, if it is not the version that was `seen`."""
    before = {name: getattr(row, name) for name in COMPARED}
    row.status = status
    row.arrived_at, row.left_at = arrived_at, left_at
    row.credited_minutes = 0
    if row.status == "present":
        row.credited_minutes = credited_minutes(
            session.starts_at, session.ends_at, row.arrived_at, row.left_at
        )
    # The session may have moved since the last entry, perhaps to another week.
    row.title, row.starts_at, row.ends_at = session.title, session.starts_at, session.ends_at
    row.week_start = queries.week_start(row.record.programme, session.starts_at)
    if row.version and before == {name: getattr(row, name) for name in COMPARED}:
        return False
    if row.version != seen:
        current = Attendance.objects.in_scope(row.scope_id).filter(id=row.id).first()
        raise Refused("conflict", "This attendance has changed meanwhile.", current=current)
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


def _answer_report(record: CareRecord, session: Appointment, *, confirmed: bool) -> None:
    reports = ArrivalReport.objects.in_scope(record.scope_id)
    report = reports.filter(appointment_id=session.id).first()
    if report is not None:
        report.state = "confirmed" if confirmed else "declined"
        report.save(update_fields=["state"])
        publish(report)
