"""The weeks of a programme, the level that applies to each, and the minutes credited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID


class Chapter(Protocol):
    """The date from which a level applies, and when it was recorded. Ids grow with time."""

    @property
    def id(self) -> UUID: ...

    @property
    def from_date(self) -> date: ...

    @property
    def recorded_at(self) -> datetime: ...


C = TypeVar("C", bound=Chapter)


def week_of(day: date, week_starts_on: int) -> date:
    """The first day of the week of `day`. Weeks begin on `week_starts_on` (0: Monday)."""
    return day - timedelta(days=(day.weekday() - week_starts_on) % 7)


def week_end(week_start: date) -> date:
    return week_start + timedelta(days=6)


def chapter_on(chapters: Iterable[C], day: date) -> C | None:
    """The chapter that applies on `day`. Of two with the same date, the one recorded last."""
    started = [chapter for chapter in chapters if chapter.from_date <= day]
    return max(started, key=lambda c: (c.from_date, c.recorded_at, c.id), default=None)


def applying_from(chapters: Iterable[C], day: date) -> list[C]:
    """The chapter that applies on `day` and those that are planned for later days."""
    known = list(chapters)
    days = sorted({day, *(c.from_date for c in known if c.from_date > day)})
    return [applies for each in days if (applies := chapter_on(known, each)) is not None]


def credited_minutes(
    starts_at: datetime, ends_at: datetime, arrived_at: datetime | None, left_at: datetime | None
) -> int:
    """The whole minutes of the session that the person attended.

    A missing time means the session's own. Time before or after the session does not count.
    """
    arrived = max(arrived_at or starts_at, starts_at)
    left = min(left_at or ends_at, ends_at)
    return max(0, int((left - arrived).total_seconds() // 60))
