"""Series of sessions: created, changed from a date on, ended."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.db.models import Min
from rest_framework import serializers
from uuid_utils.compat import uuid7

from foundation import time_zones
from foundation.problems import Invalid, NotFound
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.alone import alone
from recovery.actions.fields import Link, Text, TimeZone
from recovery.actions.rules import only_system
from recovery.care import queries
from recovery.care.actions.inputs import ScopeField, WallTime
from recovery.care.actions.timetable import align, announce_change, extend
from recovery.care.models import Appointment, Programme, SessionSeries
from recovery.care.models.session import KINDS
from recovery.care.rules import access
from recovery.care.rules.timetable import (
    BACK,
    CHANGE_AHEAD,
    MOST_TIMES,
    local_date,
    problem_with_rule,
    slots_of,
    times_by_slot,
)
from recovery.feed import publish
from recovery.feed.models import Scope

MOST_MINUTES = 12 * 60  # of one session
FIRST_AHEAD = timedelta(days=366)  # a first date beyond that is a slip of the hand


class Times(serializers.ListField):
    """The local times of one day's sessions, "HH:MM", in order."""

    child = WallTime()

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_empty=False, max_length=MOST_TIMES, **options)

    def to_internal_value(self, data: Any) -> Any:
        times = super().to_internal_value(data)
        if times != sorted(set(times)):
            raise serializers.ValidationError("Give each time only once, in order.")
        return [time.strftime("%H:%M") for time in times]


def description_fields(**options: Any) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    """The fields that describe the sessions of a series."""
    return {
        "title": Text(max_length=120, **options),
        "rule": Text(max_length=200, **options),
        "times": Times(**options),
        "time_zone": TimeZone(**options),
        "minutes": serializers.IntegerField(min_value=5, max_value=MOST_MINUTES, **options),
        "place": Text(max_length=200, allow_blank=True, required=False),
        "video_link": Link(max_length=500, allow_blank=True, required=False),
    }


class CreateSeries(ActionInput):
    """`scope`: "group:<id>" or "care:<id>". `time_zone` defaults to the programme's."""

    id = serializers.UUIDField(default=uuid7)
    scope = ScopeField("group", "care")
    kind = serializers.ChoiceField(choices=KINDS)
    first_date = serializers.DateField()

    def get_fields(self) -> dict[str, Any]:
        described = description_fields() | {"time_zone": TimeZone(required=False)}
        return super().get_fields() | described


@action("care.create_series", input=CreateSeries, allow=access.keeps_timetable)
def create_series(
    call: Call,
    *,
    id: uuid.UUID,
    scope: Scope,
    kind: str,
    first_date: date,
    title: str,
    rule: str,
    times: list[str],
    minutes: int,
    time_zone: str | None = None,
    place: str = "",
    video_link: str = "",
) -> dict[str, str]:
    """Put sessions on the timetable. Those of the next four weeks are created at once.

    If the scope has exactly this series already, nothing is added, and the answer names that one.
    """
    programme = Programme.objects.filter(id=scope.home_id).first()
    if programme is None:
        raise NotFound
    zone = time_zone or programme.time_zone
    _check_first_date(first_date, local_date(call.now, zone))
    _check_rule(rule, first_date)
    facts: dict[str, Any] = {
        "kind": kind,
        "title": title,
        "rule": rule,
        "first_date": first_date,
        "times": times,
        "time_zone": zone,
        "minutes": minutes,
        "place": place,
        "video_link": video_link,
    }
    # There is no row yet that two equal requests at the same time could lock.
    alone("care.create_series", scope.id)
    known = SessionSeries.objects.in_scope(scope.id).filter(ended_on=None, **facts).first()
    if known is not None:
        return {"series": str(known.id)}
    series = SessionSeries(
        id=id,
        scope_id=scope.id,
        programme=programme,
        slots=list(range(len(times))),
        tzdata=time_zones.VERSION,
        changed_at=call.now,
        **facts,
    )
    series.save(force_insert=True)
    extend(series, call)
    publish(series)
    announce_change(series, _soonest(series, first_date, call), call)
    return {"series": str(series.id)}


class ChangeSeries(ActionInput):
    """The changes apply from `from_date` on: tomorrow at the earliest, 90 days at the latest."""

    series = Ref(SessionSeries, lock=True)
    from_date = serializers.DateField()

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | description_fields(required=False)


class Description(TypedDict, total=False):
    title: str
    rule: str
    times: list[str]
    time_zone: str
    minutes: int
    place: str
    video_link: str


@action("care.change_series", input=ChangeSeries, allow=access.keeps_timetable)
def change_series(
    call: Call,
    *,
    series: SessionSeries,
    from_date: date,
    # A mapping, because only the fields that were sent change.
    **changes: Unpack[Description],
) -> dict[str, str]:
    """Change the time, place, length, title or rule of the sessions from a date on."""
    _check_date(series, from_date, call)
    # Sessions before the change are created from the series as it was.
    extend(series, call, to=from_date - timedelta(days=1))
    if "rule" in changes:
        _check_rule(changes["rule"], from_date)
        # A new rule counts its intervals and its COUNT from the day of the change.
        series.first_date = from_date
    if "times" in changes:
        _keep_slots(series, changes["times"])
    for name, value in changes.items():
        setattr(series, name, value)
    _save_from(series, from_date, call)
    return {"series": str(series.id)}


class EndSeries(ActionInput):
    series = Ref(SessionSeries, lock=True)
    from_date = serializers.DateField()


@action("care.end_series", input=EndSeries, allow=access.keeps_timetable)
def end_series(call: Call, *, series: SessionSeries, from_date: date) -> dict[str, str]:
    """End the series: no sessions from `from_date` on, which is tomorrow at the earliest."""
    _check_date(series, from_date, call)
    extend(series, call, to=from_date - timedelta(days=1))
    series.ended_on = from_date
    _save_from(series, from_date, call)
    return {"series": str(series.id)}


class ExtendSeries(ActionInput):
    scope_id = serializers.UUIDField()
    series = serializers.UUIDField()


@action("care.extend_series", input=ExtendSeries, allow=only_system)
def extend_series(call: Call, *, scope_id: uuid.UUID, series: uuid.UUID) -> None:
    """Create the sessions of the days that are now within the next four weeks."""
    rows = SessionSeries.objects.in_scope(scope_id).filter(id=series)
    row = rows.select_for_update(no_key=True, of=("self",)).first()
    if row is not None:
        extend(row, call)


class FollowTimeZones(ActionInput):
    scope_id = serializers.UUIDField()
    series = serializers.UUIDField()


@action("care.follow_time_zones", input=FollowTimeZones, allow=only_system)
def follow_time_zones(call: Call, *, scope_id: uuid.UUID, series: uuid.UUID) -> dict[str, int]:
    """After the rules of time zones changed: sessions to come keep their local time.

    Those that have begun stay as they were. Participants get a push if a session has moved.
    """
    rows = SessionSeries.objects.in_scope(scope_id).filter(id=series)
    row = rows.select_for_update(no_key=True, of=("self",)).first()
    if row is None:
        return {"moved": 0}
    today, last = local_date(call.now, row.time_zone), row.planned_to
    moved = align(row, today, last, call) if last is not None else []
    row.tzdata = time_zones.VERSION
    row.save(update_fields=["tzdata"])
    if moved:
        announce_change(row, min(session.starts_at for session in moved), call)
    return {"moved": len(moved)}


class ShowTimetable(ActionInput):
    scope_id = serializers.UUIDField()


@action("care.show_timetable", input=ShowTimetable, allow=only_system)
def show_timetable(call: Call, *, scope_id: uuid.UUID) -> None:
    """Publish current series and future sessions again, for a member who joined after them."""
    for series in queries.running_series(scope_id, call.now):
        publish(series)
    for session in queries.timetable(scope_id, call.now):
        publish(session)


def _save_from(series: SessionSeries, from_date: date, call: Call) -> None:
    before = _soonest(series, from_date, call)
    series.changed_at = call.now
    series.save()
    # The sessions of that date are created, and those that have been created after it follow.
    align(series, from_date, max(from_date, series.planned_to or from_date), call)
    extend(series, call)
    publish(series)
    announce_change(
        series, min(filter(None, (before, _soonest(series, from_date, call))), default=None), call
    )


def _soonest(series: SessionSeries, from_date: date, call: Call) -> datetime | None:
    """When the first session of the series from this date on starts, whatever its status."""
    rows = Appointment.objects.in_scope(series.scope_id).filter(
        series=series, local_date__gte=from_date, starts_at__gt=call.now
    )
    return rows.aggregate(first=Min("starts_at"))["first"]


def _check_first_date(first_date: date, today: date) -> None:
    earliest, latest = today - BACK, today + FIRST_AHEAD
    if not earliest <= first_date <= latest:
        sentence = f"You typed {first_date}. A series can begin from {earliest} to {latest}."
        raise Invalid({"first_date": [sentence]})


def _keep_slots(series: SessionSeries, times: list[str]) -> None:
    """Give each time its slot, and remember those of the times that go."""
    known = {time: slot for slot, time in times_by_slot(series).items()}
    series.slots = slots_of(times, known, series.dropped)
    kept = set(series.slots)
    every = series.dropped | known
    series.dropped = {time: slot for time, slot in every.items() if slot not in kept}


def _check_rule(rule: str, first_date: date) -> None:
    problem = problem_with_rule(rule, first_date)
    if problem:
        raise Invalid({"rule": [problem]})


def _check_date(series: SessionSeries, from_date: date, call: Call) -> None:
    today = local_date(call.now, series.time_zone)
    if series.ended_on is not None and from_date >= series.ended_on:
        raise Refused("ended", "The series ends before this date.")
    # Not today: sessions of today may have begun, or people may be on their way to them.
    if not today < from_date <= today + CHANGE_AHEAD:
        raise Refused(
            "date_out_of_range",
            "A series can change tomorrow at the earliest and in 90 days at the latest.",
        )
