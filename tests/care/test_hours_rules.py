"""Weeks, chapters and credited time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from recovery.care.rules.hours import chapter_on, credited_minutes, week_of

START = datetime(2026, 3, 4, 18, 0, tzinfo=UTC)
END = START + timedelta(hours=3)


@dataclass(frozen=True)
class Chapter:
    name: str
    from_date: date
    recorded_at: datetime = START
    id: UUID = UUID(int=0)


@pytest.mark.parametrize(
    ("day", "starts_on", "first"),
    [
        (date(2026, 3, 2), 0, date(2026, 3, 2)),
        (date(2026, 3, 8), 0, date(2026, 3, 2)),
        (date(2026, 3, 8), 6, date(2026, 3, 8)),
        (date(2026, 3, 7), 6, date(2026, 3, 1)),
        (date(2026, 1, 1), 0, date(2025, 12, 29)),
    ],
)
def test_a_day_belongs_to_one_week(day: date, starts_on: int, first: date) -> None:
    assert week_of(day, starts_on) == first


def test_the_chapter_in_effect_is_the_latest_by_date_then_by_recording() -> None:
    iop = Chapter("iop", date(2026, 3, 2))
    mistake = Chapter("php", date(2026, 3, 9))
    corrected = Chapter("outpatient", date(2026, 3, 9), START + timedelta(minutes=1))
    chapters = [corrected, mistake, iop]
    assert chapter_on(chapters, date(2026, 3, 1)) is None
    assert chapter_on(chapters, date(2026, 3, 8)) is iop
    assert chapter_on(chapters, date(2026, 3, 9)) is corrected


@pytest.mark.parametrize(
    ("arrived", "left", "minutes"),
    [
        (None, None, 180),
        (0, 180, 180),
        (-30, 200, 180),  # only the time within the session counts
        (20, None, 160),
        (None, 90, 90),
        (10.5, 60.25, 49),  # rounded down to whole minutes
        (190, 200, 0),
    ],
)
def test_only_time_within_the_session_is_credited(
    arrived: float | None, left: float | None, minutes: int
) -> None:
    def moment(after: float | None) -> datetime | None:
        return None if after is None else START + timedelta(minutes=after)

    assert credited_minutes(START, END, moment(arrived), moment(left)) == minutes
