"""Exceptions: one session of a series is cancelled, moved or held in another place."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TypedDict, Unpack

from rest_framework import serializers

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.fields import Link, Text
from recovery.care.actions.inputs import WallTime
from recovery.care.actions.timetable import announce_change, row_of
from recovery.care.models import Appointment, SessionException, SessionSeries
from recovery.care.rules import access
from recovery.care.rules.timetable import (
    has_slot,
    instant,
    local_date,
    session_on,
    wall_time,
)
from recovery.feed import publish

FARTHEST_MOVE = timedelta(days=31)
# A limit, because the dates of a rule are counted one by one.
FARTHEST_AHEAD = timedelta(days=366)


class OneSession(ActionInput):
    """A session is named by its original date and slot, even after it has moved."""

    # The lock of the series is also that of its sessions and exceptions.
    series = Ref(SessionSeries, lock=True)
    local_date = serializers.DateField()
    slot = serializers.IntegerField(min_value=0, max_value=32_767, default=0)


class CancelSession(OneSession):
    """`reason`: shown to everyone in the scope."""

    reason = Text(max_length=300, allow_blank=True, default="")


class ChangeSession(OneSession):
    new_date = serializers.DateField(required=False)
    new_time = WallTime(required=False)
    place = Text(max_length=200, allow_blank=True, required=False)
    video_link = Link(max_length=500, allow_blank=True, required=False)
    reason = Text(max_length=300, allow_blank=True, required=False)


class SessionChanges(TypedDict, total=False):
    new_date: date
    new_time: time
    place: str
    video_link: str
    reason: str


class Changes(SessionChanges, total=False):
    cancelled: bool


@action("care.cancel_session", input=CancelSession, allow=access.keeps_timetable)
def cancel_session(
    call: Call, *, series: SessionSeries, local_date: date, slot: int, reason: str
) -> None:
    """Cancel one session. Everyone is notified at once, and no one is reminded of it."""
    _change(call, series, local_date, slot, {"cancelled": True, "reason": reason})


@action("care.restore_session", input=OneSession, allow=access.keeps_timetable)
def restore_session(call: Call, *, series: SessionSeries, local_date: date, slot: int) -> None:
    """Undo the cancellation of a session."""
    _change(call, series, local_date, slot, {"cancelled": False, "reason": ""})


@action("care.change_session", input=ChangeSession, allow=access.keeps_timetable)
def change_session(
    call: Call,
    *,
    series: SessionSeries,
    local_date: date,
    slot: int,
    # A mapping, because only the fields that were sent change.
    **changes: Unpack[SessionChanges],
) -> None:
    """Move one session to another time or room."""
    _change(call, series, local_date, slot, {**changes})


def _change(call: Call, series: SessionSeries, on: date, slot: int, changes: Changes) -> None:
    """Refused: `too_far`, `no_session`, `over`, `in_the_past`."""
    if on > local_date(call.now, series.time_zone) + FARTHEST_AHEAD:
        raise Refused("too_far", "You can change sessions up to one year ahead.")
    rows = Appointment.objects.in_scope(series.scope_id).exclude(status="withdrawn")
    created: Appointment | None = rows.filter(series=series, local_date=on, slot=slot).first()
    _require_possible(created or _future_session(series, on, slot), on, changes, call)
    # A row of its own, so that a later change of the series respects it.
    SessionException.objects.in_scope(series.scope_id).update_or_create(
        series=series,
        local_date=on,
        slot=slot,
        defaults={**changes, "changed_at": call.now, "scope_id": series.scope_id},
    )
    if created is not None:
        before = created.starts_at
        _apply(created, changes)
        created.save()
        publish(created)
        announce_change(series, min(before, created.starts_at), call)


def _future_session(series: SessionSeries, on: date, slot: int) -> Appointment:
    """Return a session beyond the dates for which sessions have been created, unsaved."""
    to_come = series.planned_to is None or on > series.planned_to
    if not (to_come and has_slot(series, on, slot)):
        raise Refused("no_session", "This series has no session at that date and time.")
    exceptions = SessionException.objects.in_scope(series.scope_id)
    exception = exceptions.filter(series=series, local_date=on, slot=slot).first()
    return row_of(series, session_on(series, on, slot, exception))


def _require_possible(row: Appointment, on: date, changes: Changes, call: Call) -> None:
    if row.ends_at <= call.now:
        raise Refused("over", "This session is over.", current=row)
    if abs(changes.get("new_date", on) - on) > FARTHEST_MOVE:
        most = {"days": FARTHEST_MOVE.days}
        raise Refused("too_far", "A session can move by at most %(days)d days.", values=most)
    if _moves(changes) and _new_start(row, changes) <= call.now:
        raise Refused("in_the_past", "The new time is in the past.", current=row)


def _apply(row: Appointment, changes: Changes) -> None:
    if "cancelled" in changes:
        row.status = "cancelled" if changes["cancelled"] else "booked"
    if _moves(changes):
        length = row.ends_at - row.starts_at
        row.starts_at = _new_start(row, changes)
        row.ends_at = row.starts_at + length
    row.place = changes.get("place", row.place)
    row.video_link = changes.get("video_link", row.video_link)
    row.reason = changes.get("reason", row.reason)


def _moves(changes: Changes) -> bool:
    return "new_date" in changes or "new_time" in changes


def _new_start(row: Appointment, changes: Changes) -> datetime:
    """Return the new start. A date or time that does not change is the row's own."""
    on = changes.get("new_date", local_date(row.starts_at, row.time_zone))
    at = changes.get("new_time", wall_time(row.starts_at, row.time_zone))
    return instant(on, at, row.time_zone)
