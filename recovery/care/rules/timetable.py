"""From a rule in local wall time to sessions at moments in time.

An RRULE (RFC 5545) gives the dates; each date has the wall times of the series. As in RFC 5545, a
wall time that the clocks skip in spring uses the offset before the change (02:30 becomes 03:30),
and a wall time that occurs twice in autumn is the first one. The length of a session is real time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Protocol, cast
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

# The parts allowed for each frequency. Combinations that might never give a date are left out.
PARTS = {
    "DAILY": {"INTERVAL", "COUNT", "UNTIL"},
    "WEEKLY": {"INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"},
    "MONTHLY": {"INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "WKST"},
}
RULE = re.compile(r"[A-Z]+=[A-Z0-9,+-]+(;[A-Z]+=[A-Z0-9,+-]+)*")
LONGEST_INTERVAL = 12
NOT_A_RULE = "The rule is not an RFC 5545 RRULE that can be read."
AHEAD = timedelta(days=28)  # how far ahead sessions are created
BACK = timedelta(days=31)  # how long ago a new series may begin
CHANGE_AHEAD = timedelta(days=90)
MOST_TIMES = 4  # sessions of a series on one day


class Series(Protocol):
    """What a timetable is made from, such as a `recovery.care.models.SessionSeries`."""

    rule: str
    first_date: date
    times: list[str]
    slots: list[int]
    time_zone: str
    minutes: int
    place: str
    video_link: str
    ended_on: date | None


class Exceptional(Protocol):
    """How one session differs, such as a `recovery.care.models.SessionException`."""

    local_date: date
    slot: int
    cancelled: bool
    new_date: date | None
    new_time: time | None
    place: str | None
    video_link: str | None
    reason: str


@dataclass(frozen=True)
class Session:
    """One session of the timetable. `starts_at` and `ends_at` are in UTC."""

    local_date: date
    slot: int
    starts_at: datetime
    ends_at: datetime
    place: str
    video_link: str
    cancelled: bool = False
    reason: str = ""


def instant(on: date, at: time, zone: str) -> datetime:
    """The moment (UTC) at which clocks in `zone` show this time; see above for DST."""
    return datetime.combine(on, at, ZoneInfo(zone)).astimezone(UTC)


def local_date(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def wall_time(moment: datetime, zone: str) -> time:
    return moment.astimezone(ZoneInfo(zone)).time()


def dates(rule: str, first_date: date, first: date, last: date) -> Iterator[date]:
    """The dates of the rule within `first`..`last`, both included."""
    for moment in _parsed(rule, first_date).xafter(_midnight(first), inc=True):
        if moment.date() > last:
            return
        yield moment.date()


def times_by_slot(series: Series) -> dict[int, str]:
    """The times of the series under their slots, which are positions if it has none yet."""
    return dict(zip(series.slots or range(len(series.times)), series.times, strict=True))


def has_slot(series: Series, on: date, slot: int) -> bool:
    """Whether the series has this slot on this date."""
    on_rule = [on] == list(dates(series.rule, series.first_date, on, on))
    over = series.ended_on is not None and on >= series.ended_on
    return on_rule and not over and slot in times_by_slot(series)


def slots_of(times: list[str], known: dict[str, int], dropped: dict[str, int]) -> list[int]:
    """The slot of each time, when the times of a series change from those of `known`.

    A time that stays keeps its slot, and a time of `dropped` that comes back has its own again.
    Between two times that stay, as many new times as are gone are those times, moved. Any other new
    time has a new slot.
    """
    every = dropped | known
    slots = {time: every[time] for time in times if time in every}
    stay = [time for time in times if time in known]
    for n in range(len(stay) + 1):
        new = [time for time in times if time not in slots and _count_before(stay, time) == n]
        gone = [time for time in known if time not in times and _count_before(stay, time) == n]
        if len(new) == len(gone):
            slots |= {time: known[before] for time, before in zip(new, gone, strict=True)}
    free = count(1 + max([-1, *every.values()]))
    return [slots[time] if time in slots else next(free) for time in times]


def _count_before(times: list[str], time: str) -> int:
    return sum(each < time for each in times)


def sessions(
    series: Series, exceptions: Iterable[Exceptional], first: date, last: date
) -> list[Session]:
    """The sessions whose date in the rule is within `first`..`last`, exceptions applied."""
    by_slot = {(e.local_date, e.slot): e for e in exceptions}
    return [
        session_on(series, on, slot, by_slot.get((on, slot)))
        for on in dates(series.rule, series.first_date, first, last)
        if series.ended_on is None or on < series.ended_on
        for slot in times_by_slot(series)
    ]


def session_on(series: Series, on: date, slot: int, exception: Exceptional | None) -> Session:
    """One session of the rule, with its exception applied."""
    at = time.fromisoformat(times_by_slot(series)[slot])
    if exception is None:
        return _session(series, on, slot, on, at)
    moved = _session(series, on, slot, exception.new_date or on, exception.new_time or at)
    return Session(
        on,
        slot,
        moved.starts_at,
        moved.ends_at,
        place=series.place if exception.place is None else exception.place,
        video_link=series.video_link if exception.video_link is None else exception.video_link,
        cancelled=exception.cancelled,
        reason=exception.reason,
    )


def _session(series: Series, on: date, slot: int, really_on: date, at: time) -> Session:
    # Minutes are added in UTC: a session that spans a clock change keeps its length.
    start = instant(really_on, at, series.time_zone)
    end = start + timedelta(minutes=series.minutes)
    return Session(on, slot, start, end, series.place, series.video_link)


def problem_with_rule(rule: str, first_date: date) -> str | None:
    """Why this rule is not a timetable, as a sentence; None if it is one."""
    if not RULE.fullmatch(rule):
        return NOT_A_RULE
    named = [part.split("=") for part in rule.split(";")]
    parts = dict(named)
    if len(parts) < len(named):
        return "The rule has a part twice."
    allowed = PARTS.get(parts.pop("FREQ", ""))
    if allowed is None:
        return "The rule needs FREQ=DAILY, WEEKLY or MONTHLY."
    if unknown := sorted(parts.keys() - allowed):
        return f"The rule cannot have {', '.join(unknown)}."
    if {"BYDAY", "BYMONTHDAY"} <= parts.keys():
        return "The rule has either BYDAY or BYMONTHDAY."
    if allowed is PARTS["WEEKLY"] and re.search(r"\d", parts.get("BYDAY", "")):
        return "A weekly rule has days without numbers, as in BYDAY=MO,WE."
    if {"COUNT", "UNTIL"} <= parts.keys():
        return "The rule has either COUNT or UNTIL."
    return _problem_with_numbers(parts) or _problem_with_dates(rule, first_date)


def _problem_with_numbers(parts: dict[str, str]) -> str | None:
    if parts.get("INTERVAL", "1") not in map(str, range(1, LONGEST_INTERVAL + 1)):
        return f"INTERVAL is between 1 and {LONGEST_INTERVAL}."
    days = parts.get("BYMONTHDAY", "1").split(",")
    if not all(day.lstrip("-") in map(str, range(1, 32)) for day in days):
        return "BYMONTHDAY is between 1 and 31, or -1 and -31 from the end."
    return None


def _problem_with_dates(rule: str, first_date: date) -> str | None:
    # dateutil raises any of these for a rule that it cannot read, depending on where it fails.
    try:
        first_year = list(dates(rule, first_date, first_date, first_date + timedelta(days=366)))
    except (ValueError, TypeError, AttributeError, OverflowError, IndexError):
        return NOT_A_RULE
    return None if first_year else "The rule gives no date within a year."


def _parsed(rule: str, first_date: date) -> rrule:
    return cast("rrule", rrulestr(rule, dtstart=_midnight(first_date)))


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time.min)
