"""Making a series' sessions, and bringing those to come in line with the series as it is now."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from notifications import queue
from recovery.actions import Call
from recovery.actions.jobs import later
from recovery.care.models import Appointment, SessionException, SessionSeries
from recovery.care.notification_types import SESSION_CHANGED
from recovery.care.queries import PARTICIPANTS
from recovery.care.rules.timetable import AHEAD, Session, local_date, sessions
from recovery.feed import publish
from recovery.feed.models import Scope

Key = tuple[date, int]


def extend(series: SessionSeries, call: Call, *, to: date | None = None) -> None:
    """Make the sessions that are missing up to `to`, or for the next four weeks."""
    last = to or local_date(call.now, series.time_zone) + AHEAD
    first = series.first_date
    if series.planned_to is not None:
        first = series.planned_to + timedelta(days=1)
    if first <= last:
        align(series, first, last, call)


def align(series: SessionSeries, first: date, last: date, call: Call) -> None:
    """Make the sessions of these dates equal to the series and its exceptions.

    A session that has begun stays as it was. One that the series no longer has is withdrawn.
    """
    wanted = _wanted(series, first, last)
    known = {(row.local_date, row.slot): row for row in _rows(series, first, last)}
    new = [row_of(series, session) for key, session in wanted.items() if key not in known]
    for row in Appointment.objects.bulk_create(new):
        publish(row)
    for key, row in known.items():
        if row.starts_at > call.now and _change(row, series, wanted.get(key)):
            row.save()
            publish(row)
    series.planned_to = max(last, series.planned_to or last)
    series.save(update_fields=["planned_to"])
    later("care.plan_scope", scope_id=str(series.scope_id))


def _wanted(series: SessionSeries, first: date, last: date) -> dict[Key, Session]:
    exceptions = SessionException.objects.in_scope(series.scope_id).filter(
        series=series, local_date__range=(first, last)
    )
    found = sessions(series, exceptions, first, last)
    return {(session.local_date, session.slot): session for session in found}


def _rows(series: SessionSeries, first: date, last: date) -> Any:
    rows = Appointment.objects.in_scope(series.scope_id)
    return rows.filter(series=series, local_date__range=(first, last))


def row_of(series: SessionSeries, session: Session) -> Appointment:
    """The appointment that this session is; unsaved."""
    name = f"{session.local_date}/{session.slot}"
    row = Appointment(
        id=uuid.uuid5(series.id, name),
        scope_id=series.scope_id,
        series=series,
        programme_id=series.programme_id,
        local_date=session.local_date,
        slot=session.slot,
        kind=series.kind,
    )
    _change(row, series, session)
    return row


def _change(row: Appointment, series: SessionSeries, session: Session | None) -> bool:
    """Make `row` say what the timetable says; whether that changed it. Unsaved."""
    before = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
    if session is None:
        row.status, row.reason = "withdrawn", ""
    else:
        row.status = "cancelled" if session.cancelled else "booked"
        row.reason = session.reason
        row.title, row.time_zone = series.title, series.time_zone
        row.starts_at, row.ends_at = session.starts_at, session.ends_at
        row.place, row.video_link = session.place, session.video_link
    return before != {field.attname: getattr(row, field.attname) for field in row._meta.fields}


def tell(series: SessionSeries, call: Call) -> None:
    """Those who take part hear of it at once, and their reminders are planned anew."""
    kind = Scope.objects.filter(id=series.scope_id).values_list("kind", flat=True).get()
    queue.push(
        SESSION_CHANGED,
        scope_id=series.scope_id,
        role=PARTICIPANTS[kind],
        except_user=call.actor.id,
    )
    later("care.plan_scope", scope_id=str(series.scope_id))
