"""Create the sessions of a series, and update future ones when the series changes."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from notifications import queue
from recovery.actions import Call
from recovery.actions.jobs import later
from recovery.care.models import Appointment, SessionException, SessionSeries
from recovery.care.notification_types import SESSION_CHANGED
from recovery.care.queries import PARTICIPANTS, is_soon, levels_of, quiet_hours, today
from recovery.care.rules.timetable import AHEAD, Session, local_date, sessions
from recovery.feed import publish
from recovery.feed.models import Scope, ScopedQuerySet

Key = tuple[date, int]


def extend(series: SessionSeries, call: Call, *, to: date | None = None) -> None:
    """Create the missing sessions up to `to`, by default four weeks ahead."""
    last = to or local_date(call.now, series.time_zone) + AHEAD
    first = series.first_date
    if series.planned_to is not None:
        first = series.planned_to + timedelta(days=1)
    if first <= last:
        align(series, first, last, call)


def locked_series(scope_id: uuid.UUID) -> list[SessionSeries]:
    """The series of a scope, for this transaction alone."""
    rows = SessionSeries.objects.in_scope(scope_id).select_related("programme")
    return list(rows.select_for_update(no_key=True, of=("self",)).order_by("id"))


def align_from(series: SessionSeries, first: date, call: Call) -> None:
    """Make the sessions from this date on that have been created match, as `align` does."""
    if series.planned_to is not None and first <= series.planned_to:
        align(series, first, series.planned_to, call)


def align(series: SessionSeries, first: date, last: date, call: Call) -> list[Appointment]:
    """Make the sessions of these dates match the series, its exceptions and, in a care record, the
    patient's level of care.

    A session that has begun does not change. One that no longer takes place is withdrawn. Returns
    those that were there and have changed.
    """
    expected = _expected(series, first, last)
    known = {(row.local_date, row.slot): row for row in _rows(series, first, last)}
    new = [row_of(series, session) for key, session in expected.items() if key not in known]
    # The caller has locked the series, so no one else creates the same sessions.
    for row in Appointment.objects.bulk_create(new):
        publish(row)
    changed = [
        row
        for key, row in known.items()
        if row.starts_at > call.now and _change(row, series, expected.get(key))
    ]
    for row in changed:
        row.save()
        publish(row)
    if series.planned_to is None or last > series.planned_to:
        series.planned_to = last
        series.save(update_fields=["planned_to"])
    later("care.plan_scope", scope_id=str(series.scope_id))
    return changed


def _expected(series: SessionSeries, first: date, last: date) -> dict[Key, Session]:
    exceptions = SessionException.objects.in_scope(series.scope_id).filter(
        series=series, local_date__range=(first, last)
    )
    levels = levels_of(series.scope_id, series.programme)
    return {
        (s.local_date, s.slot): s
        for s in sessions(series, exceptions, first, last)
        if not levels.take_away(series.kind, today(series.programme, s.starts_at))
    }


def _rows(series: SessionSeries, first: date, last: date) -> ScopedQuerySet:
    rows = Appointment.objects.in_scope(series.scope_id)
    return rows.filter(series=series, local_date__range=(first, last))


def row_of(series: SessionSeries, session: Session) -> Appointment:
    """Return the appointment of this session, unsaved."""
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
    """Update `row` from the timetable, without saving. Returns whether it changed."""
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


def announce_change(series: SessionSeries, soonest: datetime | None, call: Call) -> None:
    """Push to those who take part, and have their reminders planned again.

    `soonest`: when the first session that changed starts, or was to start. None: no session that
    exists changed.
    """
    # To participants only: the staff who keep the timetable need no push about it.
    kind = Scope.objects.filter(id=series.scope_id).values_list("kind", flat=True).get()
    queue.push(
        SESSION_CHANGED,
        scope_id=series.scope_id,
        role=PARTICIPANTS[kind],
        except_user=call.actor.id,
        quiet=quiet_hours(series.programme),
        needed_by=soonest,
        at_once=soonest is not None and is_soon(series.programme, soonest, call.now),
    )
    later("care.plan_scope", scope_id=str(series.scope_id))
