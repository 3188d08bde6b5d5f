"""Jobs of the worker. Each finds the people or rows concerned, and performs an action for each."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from recovery.actions import SYSTEM, Call, perform
from recovery.actions.jobs import later
from recovery.care import queries
from recovery.feed.upkeep import RETRY

log = structlog.get_logger()


@app.task(name="care.plan_person", retry=RETRY)
def plan_person(user_id: str) -> None:
    """Plan one person's reminders, after their preferences or memberships changed."""
    _perform("care.plan_reminders", {"user": user_id})


@app.task(name="care.welcome", retry=RETRY)
def welcome(scope_id: str, user_id: str) -> None:
    """Show a new member the timetable of the scope, and plan their reminders."""
    _perform("care.show_timetable", {"scope_id": scope_id})
    plan_person(user_id)


@app.task(name="care.plan_scope", retry=RETRY)
def plan_scope(scope_id: str) -> None:
    """Plan the reminders of all who take part in the sessions of a scope."""
    _plan(queries.participants(uuid.UUID(scope_id)))


@app.task(name="care.plan_programme", retry=RETRY)
def plan_programme(programme_id: str) -> None:
    """Plan everyone's reminders, after the programme's quiet hours or lead times changed."""
    _plan(queries.people_of(uuid.UUID(programme_id)))


@app.periodic(cron="7 * * * *")
@app.task(name="care.extend_timetables", queueing_lock="care.extend_timetables", retry=RETRY)
def extend_timetables(timestamp: int) -> None:
    """Create the sessions of the days that are now within the next four weeks."""
    for series in queries.series_to_extend(timezone.now()):
        _perform("care.extend_series", {"scope_id": str(series.scope_id), "series": str(series.id)})


@app.periodic(cron="17 * * * *")
@app.task(name="care.follow_time_zones", queueing_lock="care.follow_time_zones", retry=RETRY)
def follow_time_zones(timestamp: int) -> None:
    """After an update of the time zones, move sessions to come to their local times again."""
    now = timezone.now()
    for series in queries.series_of_other_time_zones(now):
        data = {"scope_id": str(series.scope_id), "series": str(series.id)}
        moved = (_perform("care.follow_time_zones", data) or {}).get("moved", 0)
        if moved:
            log.warning("care.time_zone_changed", series=str(series.id), moved=moved)


# Every quarter of an hour, because midnight in some time zones is at such a time in UTC.
@app.periodic(cron="*/15 * * * *")
@app.task(name="care.turn_weeks", queueing_lock="care.turn_weeks", retry=RETRY)
def turn_weeks(timestamp: int) -> None:
    """Begin the hours of a new week, in each programme's own time zone."""
    for record_id in queries.records_without_this_week(timezone.now()):
        _perform("care.turn_week", {"record": str(record_id)})


# For the same reason. A run that comes late, or twice, does what the first should have done.
@app.periodic(cron="*/15 * * * *")
@app.task(name="care.begin_levels", queueing_lock="care.begin_levels", retry=RETRY)
def begin_levels(timestamp: int) -> None:
    """At midnight at the programme, make alumni patients again whose return is planned."""
    for record_id in queries.returns_due(timezone.now()):
        _perform("care.begin_level", {"record": str(record_id)})


@app.periodic(cron="37 2 * * *")
@app.task(name="care.plan_everybody", queueing_lock="care.plan_everybody", retry=RETRY)
def plan_everybody(timestamp: int) -> None:
    """Once a day, plan reminders of the sessions that are now within the next four weeks."""
    _plan(queries.everybody_with_sessions(timezone.now()))


def _plan(people: Iterable[uuid.UUID]) -> None:
    # One short job each, so that a failure is retried for one person only.
    for user_id in people:
        later("care.plan_person", user_id=str(user_id))


def _perform(name: str, data: dict[str, Any]) -> dict[str, Any] | None:
    return perform(name, data=data, call=Call(actor=SYSTEM, now=timezone.now())).data
