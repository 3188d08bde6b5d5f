"""The timetable: the sessions of a week, and one session with what can be done to it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from recovery.actions import Refused
from recovery.care import queries
from recovery.care.models import Appointment, SessionException, SessionSeries
from recovery.care.rules.hours import week_of
from recovery.care.rules.timetable import local_date, times_by_slot, wall_time
from recovery.console.audience import Owner, audience, owners
from recovery.console.dates import written
from recovery.console.desk import Desk
from recovery.console.group import led
from recovery.console.page import page
from recovery.console.rule_words import TIME, in_words
from recovery.feed import scopes


@dataclass(frozen=True)
class Slot:
    """A session with the group or person that has it. `marks`: how it differs from its series."""

    session: Appointment
    owner: Owner | None
    series: SessionSeries
    marks: list[str]
    is_now: bool


@dataclass
class Day:
    on: date
    slots: list[Slot] = field(default_factory=list)


def week_asked(desk: Desk) -> date:
    """The first day of the week in the address, or of this one."""
    try:
        day = date.fromisoformat(desk.request.GET.get("week", ""))
    except ValueError:
        day = timezone.localdate(desk.now)
    # Nobody plans outside, and neighbours of the first and last date there is would not exist.
    day = min(max(day, date(2000, 1, 1)), date(2999, 1, 1))
    return week_of(day, desk.programme.week_starts_on if desk.programme else 0)


def sessions_of_week(desk: Desk, first: date) -> Any:
    """What is on the timetable of the programme in these seven days, canceled or not."""
    begins = datetime.combine(first, time(), desk.zone)
    ends = datetime.combine(first + timedelta(days=7), time(), desk.zone)
    rows = desk.rows(Appointment).filter(programme=desk.programme)
    return rows.filter(starts_at__gte=begins, starts_at__lt=ends).exclude(status="withdrawn")


@page("console/timetable.html")
def timetable(desk: Desk) -> dict[str, Any]:
    first = week_asked(desk)
    rows = list(sessions_of_week(desk, first).order_by("starts_at", "id"))
    chosen = scope_asked(desk)
    by_scope = owners(desk, {row.scope_id for row in rows} | {chosen})
    if chosen in by_scope:
        rows = [row for row in rows if row.scope_id == chosen]
    days = {day: Day(day) for day in (first + timedelta(days=n) for n in range(7))}
    for slot in slots(desk, desk.read(rows), by_scope):
        days[timezone.localdate(slot.session.starts_at)].slots.append(slot)
    return {
        "first": first,
        "last": first + timedelta(days=6),
        "before": first - timedelta(days=7),
        "after": first + timedelta(days=7),
        "today": timezone.localdate(desk.now),
        "days": days.values(),
        "has_sessions": bool(rows),
        "who": by_scope[chosen].scope if chosen in by_scope else "",
        "choices": [("", gettext("Everybody")), *((o.scope, o.name) for o in by_scope.values())],
    }


def scope_asked(desk: Desk) -> uuid.UUID | None:
    """The id of the scope in the address, which may be anything."""
    try:
        return scopes.scope_id(desk.request.GET.get("who", ""))
    except ValueError:
        return None


def slots(
    desk: Desk, sessions: list[Appointment], by_scope: dict[uuid.UUID, Owner]
) -> Iterable[Slot]:
    """The sessions for a page, each with what is different about it."""
    ids = {row.series_id for row in sessions}
    series = {row.id: row for row in desk.read(desk.rows(SessionSeries).filter(id__in=ids))}
    exceptions = {
        (row.series_id, row.local_date, row.slot): row
        for row in desk.read(
            desk.rows(SessionException).filter(
                series_id__in=series, local_date__in={row.local_date for row in sessions}
            )
        )
    }
    for row in sessions:
        exception = exceptions.get((row.series_id, row.local_date, row.slot))
        is_now = row.status == "booked" and row.starts_at <= desk.now < row.ends_at
        rule = series[row.series_id]
        marks = differences(row, rule, exception) if exception else []
        yield Slot(row, by_scope.get(row.scope_id), rule, marks, is_now)


def differences(
    session: Appointment, series: SessionSeries, exception: SessionException
) -> list[str]:
    """How a session differs from its series, in words."""
    marks = []
    if exception.new_date is not None or exception.new_time is not None:
        planned = times_by_slot(series).get(session.slot)
        moment = datetime.combine(session.local_date, time.fromisoformat(planned or "00:00"))
        is_at = (
            local_date(session.starts_at, session.time_zone),
            wall_time(session.starts_at, session.time_zone),
        )
        if planned is None:
            marks.append(gettext("Moved"))
        elif is_at != (moment.date(), moment.time()):
            same_day = is_at[0] == moment.date()
            words = written(moment, TIME if same_day else f"D, M j, {TIME}")
            marks.append(gettext("Moved from %(moment)s") % {"moment": words})
    if exception.place is not None and exception.place != series.place:
        marks.append(gettext("Other place"))
    if exception.video_link is not None and exception.video_link != series.video_link:
        marks.append(gettext("Other link"))
    return marks


@page("console/session.html")
def session(desk: Desk, session: uuid.UUID) -> dict[str, Any]:
    row = desk.read_one(
        desk.rows(Appointment)
        .filter(id=session)
        .exclude(status="withdrawn")
        .select_related("programme")
    )
    beside = clashes(desk, row)
    by_scope = owners(desk, {row.scope_id, *(each.session.scope_id for each in beside)})
    [slot] = slots(desk, [row], by_scope)
    reach = audience(row.scope_id, slot.owner)
    if desk.outcome:
        desk.outcome = f"{desk.outcome} {reach.notice}"
    return {
        "row": row,
        "slot": slot,
        "is_led": led(desk).filter(scope_id=row.scope_id).exists(),
        "rule": in_words(slot.series),
        "clashes": [(each, by_scope.get(each.session.scope_id)) for each in beside],
        "audience": reach,
        "is_over": row.ends_at <= desk.now,
        "week": local_date(row.starts_at, desk.zone.key),
        "local_date": row.local_date.isoformat(),
        "new_date": local_date(row.starts_at, row.time_zone).isoformat(),
        "new_time": wall_time(row.starts_at, row.time_zone).strftime("%H:%M"),
        "other_zone": "" if row.time_zone == desk.zone.key else row.time_zone,
    }


@dataclass(frozen=True)
class Clash:
    """Another session while one lasts: in the same room, or with `both` people of the one."""

    session: Appointment
    in_room: bool
    both: int


def clashes(desk: Desk, row: Appointment) -> list[Clash]:
    """What else takes place in the room or for the people of a session, as far as it is seen."""
    if row.status != "booked" or row.ends_at <= desk.now:
        return []
    rows = desk.rows(Appointment).filter(programme=row.programme, status="booked")
    meanwhile = rows.filter(starts_at__lt=row.ends_at, ends_at__gt=row.starts_at)
    others = list(meanwhile.exclude(id=row.id).order_by("starts_at", "id"))
    people = queries.participants_by_scope({row.scope_id, *(each.scope_id for each in others)})
    both = {each.id: len(people[row.scope_id] & people[each.scope_id]) for each in others}
    in_room = {each.id: each.place == row.place != "" for each in others}
    shown = desk.read(each for each in others if both[each.id] or in_room[each.id])
    return [Clash(each, in_room[each.id], both[each.id]) for each in shown]


def _named(desk: Desk) -> dict[str, str]:
    """The session that a form is about."""
    return {name: desk.request.POST.get(name, "") for name in ("series", "local_date", "slot")}


@session.act
def change(desk: Desk, session: uuid.UUID) -> str:
    new = changed(desk, ("new_date", "new_time", "place", "video_link", "reason"))
    if not new:
        raise unchanged()
    desk.act("care.change_session", _named(desk) | new)
    return gettext("Changed.")


@session.act
def cancel(desk: Desk, session: uuid.UUID) -> str:
    reason = desk.request.POST.get("cancel_reason", "")
    desk.act("care.cancel_session", _named(desk) | {"reason": reason})
    return gettext("Canceled.")


@session.act
def restore(desk: Desk, session: uuid.UUID) -> str:
    desk.act("care.restore_session", _named(desk))
    return gettext("It takes place again.")


def changed(desk: Desk, names: Iterable[str]) -> dict[str, str]:
    """The fields that are not as the form has shown them. So it undoes nobody else's change."""
    form = desk.request.POST
    return {
        name: form[name] for name in names if name in form and form[name] != form.get(f"was_{name}")
    }


def unchanged() -> Refused:
    return Refused("unchanged", gettext("Nothing is different, so nothing was changed."))
