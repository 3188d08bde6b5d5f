"""When to remind one person of their sessions: a pure function, and the whole of the rule.

- A reminder is due `lead` minutes before the session starts, in real time.
- Quiet hours are wall time in the person's own zone, wherever they are now. A reminder that
  would fall into them comes when they end, if the session has not begun by then; otherwise
  when they begin, so that nobody is woken and nobody is told too late.
- Two reminders of one session that fall on the same moment are one: the shorter lead stays.
- What is due before `now` is not planned: nobody is reminded late.
- A cancelled session has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from recovery.care.rules.timetable import instant

MOST_LEADS = 5
LONGEST_LEAD = timedelta(days=7)


@dataclass(frozen=True)
class Wishes:
    """How one person wants to be reminded. `quiet` is (from, to) and may pass midnight."""

    time_zone: str
    quiet: tuple[time, time] | None
    leads: tuple[int, ...]


class Booked(Protocol):
    """A session that takes place; `recovery.care.models.Appointment` is one."""

    id: UUID
    starts_at: datetime


@dataclass(frozen=True)
class Due:
    """Remind of `appointment_id`, which starts at `starts_at`, at `due_at`."""

    appointment_id: UUID
    lead: int
    due_at: datetime
    starts_at: datetime


def reminders(booked: Iterable[Booked], wishes: Wishes, now: datetime) -> list[Due]:
    """Everything to come for these sessions, as this person wishes."""
    return [due for session in booked for due in _of_session(session, wishes, now)]


def _of_session(session: Booked, wishes: Wishes, now: datetime) -> list[Due]:
    by_moment: dict[datetime, Due] = {}
    for lead in sorted(set(wishes.leads), reverse=True):
        wanted = session.starts_at - timedelta(minutes=lead)
        moment = audible(wanted, session.starts_at, wishes)
        by_moment[moment] = Due(session.id, lead, moment, session.starts_at)
    return [due for moment, due in by_moment.items() if moment > now]


def audible(wanted: datetime, starts_at: datetime, wishes: Wishes) -> datetime:
    """`wanted`, or the end or else the beginning of the quiet hours it falls into."""
    night = quiet_around(wanted, wishes)
    if night is None:
        return wanted
    begin, end = night
    return end if end < starts_at else begin


def quiet_around(moment: datetime, wishes: Wishes) -> tuple[datetime, datetime] | None:
    """The quiet hours (UTC) that `moment` falls into: begun, and not yet over."""
    if wishes.quiet is None:
        return None
    today = moment.astimezone(ZoneInfo(wishes.time_zone)).date()
    for day in (today - timedelta(days=1), today):
        begin, end = _night(day, wishes.quiet, wishes.time_zone)
        if begin < moment < end:
            return begin, end
    return None


def _night(day: date, quiet: tuple[time, time], zone: str) -> tuple[datetime, datetime]:
    """The quiet hours that begin on `day`."""
    begin, end = quiet
    last_day = day + timedelta(days=1) if end <= begin else day
    return instant(day, begin, zone), instant(last_day, end, zone)
