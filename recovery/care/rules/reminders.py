"""When to remind a person of their sessions, as a pure function.

- A reminder is due `lead` minutes before the session starts, in real time.
- Quiet hours are wall time in the person's own zone, wherever they are. A reminder that falls into
  them comes when they end, if that is before the session starts. Otherwise it comes when they
  begin: it neither wakes the person nor comes too late.
- If two reminders of a session are due at the same moment, the one with the shorter lead stays.
- A reminder that was due before `now` is not planned: it would be late.
- A cancelled session has no reminders.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from recovery.care.rules.timetable import instant

MOST_LEADS = 5
LONGEST_LEAD = timedelta(days=7)
# The default of a programme's setting: who is on their way this soon must know now.
URGENT_WITHIN_HOURS = 4


@dataclass(frozen=True)
class Wishes:
    """How one person wants to be reminded. `quiet` is (from, to) and may pass midnight."""

    time_zone: str
    quiet: tuple[time, time] | None
    leads: tuple[int, ...]


class Booked(Protocol):
    """A session that takes place, such as a `recovery.care.models.Appointment`."""

    id: UUID
    starts_at: datetime


@dataclass(frozen=True)
class Due:
    """At `due_at`, remind of the appointment that starts at `starts_at`."""

    appointment_id: UUID
    lead: int
    due_at: datetime
    starts_at: datetime


def reminders(booked: Iterable[Booked], wishes: Wishes, now: datetime) -> list[Due]:
    """All future reminders of these sessions, as the person wishes."""
    future: list[Due] = []
    for session in booked:
        by_moment: dict[datetime, Due] = {}
        # Longest lead first: at the same moment, a shorter one replaces it.
        for lead in sorted(set(wishes.leads), reverse=True):
            unshifted = session.starts_at - timedelta(minutes=lead)
            moment = audible(unshifted, session.starts_at, wishes)
            by_moment[moment] = Due(session.id, lead, moment, session.starts_at)
        future += [due for moment, due in by_moment.items() if moment > now]
    return future


def audible(moment: datetime, starts_at: datetime, wishes: Wishes) -> datetime:
    """`moment`, moved to the end or else the beginning of the quiet hours that it falls into."""
    night = quiet_around(moment, wishes)
    if night is None:
        return moment
    begin, end = night
    return end if end < starts_at else begin


def quiet_around(moment: datetime, wishes: Wishes) -> tuple[datetime, datetime] | None:
    """The quiet hours (UTC) that `moment` falls into. Their first and last moments are outside."""
    if wishes.quiet is None:
        return None
    from_time, to_time = wishes.quiet
    today = moment.astimezone(ZoneInfo(wishes.time_zone)).date()
    # After midnight, the quiet hours may be those that began yesterday.
    for day in (today - timedelta(days=1), today):
        last_day = day + timedelta(days=1) if to_time <= from_time else day
        begin = instant(day, from_time, wishes.time_zone)
        end = instant(last_day, to_time, wishes.time_zone)
        if begin < moment < end:
            return begin, end
    return None
