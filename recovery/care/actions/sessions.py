"""One session of a series does something else: it is called off, moves, or is elsewhere."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from rest_framework import serializers

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.care.actions.inputs import WallTime
from recovery.care.actions.timetable import row_of, tell
from recovery.care.models import Appointment, SessionException, SessionSeries
from recovery.care.rules import access
from recovery.care.rules.timetable import (
    MOST_TIMES,
    instant,
    is_slot,
    local_date,
    session_on,
    wall_time,
)
from recovery.feed import publish

FARTHEST_MOVE = timedelta(days=31)
# The dates of a rule are counted one by one.
FARTHEST_AHEAD = timedelta(days=366)


class OneSession(ActionInput):
    """Named by the date and slot that the series gave it, wherever it has moved since."""

    series = Ref(SessionSeries, lock=True)
    local_date = serializers.DateField()
    slot = serializers.IntegerField(min_value=0, max_value=MOST_TIMES - 1, default=0)


class CancelSession(OneSession):
    """`reason` is for everybody in the scope to read."""

    reason = serializers.CharField(max_length=300, allow_blank=True, default="")


class ChangeSession(OneSession):
    new_date = serializers.DateField(required=False)
    new_time = WallTime(required=False)
    place = serializers.CharField(max_length=200, allow_blank=True, required=False)
    video_link = serializers.URLField(max_length=500, allow_blank=True, required=False)
    reason = serializers.CharField(max_length=300, allow_blank=True, required=False)


@action("care.cancel_session", input=CancelSession, allow=access.keeps_timetable)
def cancel_session(call: Call, data: dict[str, Any]) -> None:
    """Call one session off: everybody hears at once, and nobody is reminded of it."""
    _except(call, data, cancelled=True, reason=data["reason"])


@action("care.restore_session", input=OneSession, allow=access.keeps_timetable)
def restore_session(call: Call, data: dict[str, Any]) -> None:
    """Let a session that was called off take place after all."""
    _except(call, data, cancelled=False, reason="")


@action("care.change_session", input=ChangeSession, allow=access.keeps_timetable)
def change_session(call: Call, data: dict[str, Any]) -> None:
    """Move one session to another time or room."""
    names = ("new_date", "new_time", "place", "video_link", "reason")
    _except(call, data, **{name: data[name] for name in names if name in data})


def _except(call: Call, data: dict[str, Any], **changes: Any) -> None:
    series, on, slot = data["series"], data["local_date"], data["slot"]
    if on > local_date(call.now, series.time_zone) + FARTHEST_AHEAD:
        raise Refused("too_far", "A session can be changed a year ahead at most.")
    made = _made(series, on, slot)
    row = made or _to_be_made(series, on, slot)
    _check(row, on, changes, call)
    _keep(series, on, slot, changes, call)
    if made is not None:
        _apply(made, changes)
        made.save()
        publish(made)
        tell(series, call)


def _made(series: SessionSeries, on: date, slot: int) -> Appointment | None:
    rows = Appointment.objects.in_scope(series.scope_id).exclude(status="withdrawn")
    found: Appointment | None = rows.filter(series=series, local_date=on, slot=slot).first()
    return found


def _to_be_made(series: SessionSeries, on: date, slot: int) -> Appointment:
    """A session further ahead than the timetable has been made."""
    to_come = series.planned_to is None or on > series.planned_to
    if not (to_come and is_slot(series, on, slot)):
        raise Refused("no_session", "The series has no session there.")
    exceptions = SessionException.objects.in_scope(series.scope_id)
    exception = exceptions.filter(series=series, local_date=on, slot=slot).first()
    return row_of(series, session_on(series, on, slot, exception))


def _check(row: Appointment, on: date, changes: dict[str, Any], call: Call) -> None:
    if row.ends_at <= call.now:
        raise Refused("over", "The session is over.", current=row)
    if abs(changes.get("new_date", on) - on) > FARTHEST_MOVE:
        raise Refused("too_far", f"A session moves by {FARTHEST_MOVE.days} days at most.")
    if _moves(changes) and _new_start(row, changes) <= call.now:
        raise Refused("in_the_past", "The session would have begun already.", current=row)


def _keep(series: SessionSeries, on: date, slot: int, changes: dict[str, Any], call: Call) -> None:
    """The exception outlives the row: a later change of the series keeps to it."""
    rows = SessionException.objects.in_scope(series.scope_id)
    rows.update_or_create(
        series=series,
        local_date=on,
        slot=slot,
        defaults=changes | {"changed_at": call.now, "scope_id": series.scope_id},
    )


def _apply(row: Appointment, changes: dict[str, Any]) -> None:
    if "cancelled" in changes:
        row.status = "cancelled" if changes["cancelled"] else "booked"
    if _moves(changes):
        length = row.ends_at - row.starts_at
        row.starts_at = _new_start(row, changes)
        row.ends_at = row.starts_at + length
    for name in ("place", "video_link", "reason"):
        setattr(row, name, changes.get(name, getattr(row, name)))


def _moves(changes: dict[str, Any]) -> bool:
    return "new_date" in changes or "new_time" in changes


def _new_start(row: Appointment, changes: dict[str, Any]) -> Any:
    """The row's own date and wall time, where the change gives none."""
    on = changes.get("new_date", local_date(row.starts_at, row.time_zone))
    at = changes.get("new_time", wall_time(row.starts_at, row.time_zone))
    return instant(on, at, row.time_zone)
