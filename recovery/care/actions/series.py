"""Series of sessions: made, changed from a date on, ended."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from rest_framework import serializers
from uuid_utils.compat import uuid7

from foundation.problems import Invalid, NotFound
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.rules import only_system
from recovery.care import queries
from recovery.care.actions.inputs import ScopeField, WallTime, ZoneField
from recovery.care.actions.timetable import align, extend, tell
from recovery.care.models import Programme, SessionSeries
from recovery.care.models.session import KINDS
from recovery.care.rules import access
from recovery.care.rules.timetable import (
    BACK,
    CHANGE_AHEAD,
    MOST_TIMES,
    local_date,
    problem_with_rule,
)
from recovery.feed import publish

MOST_MINUTES = 12 * 60


class Times(serializers.ListField):
    """The wall times of one day's sessions, "HH:MM", in order."""

    child = WallTime()

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_empty=False, max_length=MOST_TIMES, **options)

    def to_internal_value(self, data: Any) -> Any:
        times = super().to_internal_value(data)
        if times != sorted(set(times)):
            raise serializers.ValidationError("Give each time once, in order.")
        return [time.strftime("%H:%M") for time in times]


def described(**options: Any) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    """The fields that say what a session is like."""
    return {
        "title": serializers.CharField(max_length=120, **options),
        "rule": serializers.CharField(max_length=200, **options),
        "times": Times(**options),
        "time_zone": ZoneField(**options),
        "minutes": serializers.IntegerField(min_value=5, max_value=MOST_MINUTES, **options),
        "place": serializers.CharField(max_length=200, allow_blank=True, required=False),
        "video_link": serializers.URLField(max_length=500, allow_blank=True, required=False),
    }


class CreateSeries(ActionInput):
    """`scope`: "group:<id>" or "care:<id>". The zone is the programme's if not given."""

    id = serializers.UUIDField(default=uuid7)
    scope = ScopeField("group", "care")
    kind = serializers.ChoiceField(choices=KINDS)
    first_date = serializers.DateField()

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | described() | {"time_zone": ZoneField(required=False)}


@action("care.create_series", input=CreateSeries, allow=access.keeps_timetable)
def create_series(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Put sessions on the timetable; those of the next four weeks are made at once."""
    scope = data.pop("scope")
    programme = Programme.objects.filter(id=scope.home_id).first()
    if programme is None:
        raise NotFound
    data.setdefault("time_zone", programme.time_zone)
    if data["first_date"] < local_date(call.now, data["time_zone"]) - BACK:
        raise Invalid({"first_date": [f"Not more than {BACK.days} days ago."]})
    _check_rule(data["rule"], data["first_date"])
    series = SessionSeries(scope_id=scope.id, programme=programme, changed_at=call.now, **data)
    series.save(force_insert=True)
    extend(series, call)
    publish(series)
    tell(series, call)
    return {"series": str(series.id)}


class ChangeSeries(ActionInput):
    """From `from_date` on (tomorrow or later, at most 90 days ahead) the series is so."""

    series = Ref(SessionSeries, lock=True)
    from_date = serializers.DateField()

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | described(required=False)


@action("care.change_series", input=ChangeSeries, allow=access.keeps_timetable)
def change_series(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Change time, place, length, title or rule of the sessions from a date on."""
    series, from_date = data.pop("series"), data.pop("from_date")
    _check_date(series, from_date, call)
    # What comes before the change is made by the series as it still is.
    extend(series, call, to=from_date - timedelta(days=1))
    if "rule" in data:
        _check_rule(data["rule"], from_date)
        series.first_date = from_date
    for name, value in data.items():
        setattr(series, name, value)
    _save_from(series, from_date, call)
    return {"series": str(series.id)}


class EndSeries(ActionInput):
    series = Ref(SessionSeries, lock=True)
    from_date = serializers.DateField()


@action("care.end_series", input=EndSeries, allow=access.keeps_timetable)
def end_series(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """No sessions of this series from `from_date` (tomorrow or later) on."""
    series, from_date = data["series"], data["from_date"]
    _check_date(series, from_date, call)
    extend(series, call, to=from_date - timedelta(days=1))
    series.ended_on = from_date
    _save_from(series, from_date, call)
    return {"series": str(series.id)}


class ExtendSeries(ActionInput):
    scope_id = serializers.UUIDField()
    series = serializers.UUIDField()


@action("care.extend_series", input=ExtendSeries, allow=only_system)
def extend_series(call: Call, data: dict[str, Any]) -> None:
    """Make the sessions of the days that have come within four weeks."""
    rows = SessionSeries.objects.in_scope(data["scope_id"]).filter(id=data["series"])
    series = rows.select_for_update(no_key=True, of=("self",)).first()
    if series is not None:
        extend(series, call)


class ShowTimetable(ActionInput):
    scope_id = serializers.UUIDField()


@action("care.show_timetable", input=ShowTimetable, allow=only_system)
def show_timetable(call: Call, data: dict[str, Any]) -> None:
    """Send series and sessions to come anew: who joined late sees only what came after them."""
    for series in queries.running_series(data["scope_id"], call.now):
        publish(series)
    for session in queries.timetable(data["scope_id"], call.now):
        publish(session)


def _save_from(series: SessionSeries, from_date: date, call: Call) -> None:
    series.changed_at = call.now
    series.save()
    horizon = max(from_date, series.planned_to or from_date)
    align(series, from_date, horizon, call)
    extend(series, call)
    publish(series)
    tell(series, call)


def _check_rule(rule: str, first_date: date) -> None:
    problem = problem_with_rule(rule, first_date)
    if problem:
        raise Invalid({"rule": [problem]})


def _check_date(series: SessionSeries, from_date: date, call: Call) -> None:
    today = local_date(call.now, series.time_zone)
    if series.ended_on is not None and from_date >= series.ended_on:
        raise Refused("ended", "The series has ended by then.")
    if not today < from_date <= today + CHANGE_AHEAD:
        raise Refused(
            "date_out_of_range", "A series changes tomorrow at the earliest and 90 days ahead."
        )
