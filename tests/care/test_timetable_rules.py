"""From wall time to instants: clock changes in zones with different rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.care.rules import timetable
from recovery.care.rules.timetable import has_slot, instant, problem_with_rule, sessions


@dataclass
class Series:
    rule: str = "FREQ=DAILY"
    first_date: date = date(2024, 1, 1)
    times: list[str] = field(default_factory=lambda: ["18:00"])
    slots: list[int] = field(default_factory=list)
    time_zone: str = "America/Los_Angeles"
    minutes: int = 180
    place: str = "Room 1"
    video_link: str = ""
    ended_on: date | None = None


@dataclass
class Exceptional:
    local_date: date
    slot: int = 0
    cancelled: bool = False
    new_date: date | None = None
    new_time: time | None = None
    place: str | None = None
    video_link: str | None = None
    reason: str = ""


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Clock changes in the US and the EU, Lord Howe's half hour, southern summer, and none at all.
@pytest.mark.parametrize(
    ("zone", "day", "wall", "moment"),
    [
        # Los Angeles, spring: 02:30 is skipped and read with the offset before it, so 03:30.
        ("America/Los_Angeles", "2026-03-07", "02:30", "2026-03-07T10:30"),
        ("America/Los_Angeles", "2026-03-08", "01:59", "2026-03-08T09:59"),
        ("America/Los_Angeles", "2026-03-08", "02:30", "2026-03-08T10:30"),
        ("America/Los_Angeles", "2026-03-08", "18:00", "2026-03-09T01:00"),
        # Los Angeles, autumn: 01:30 comes twice; the first counts.
        ("America/Los_Angeles", "2026-11-01", "01:30", "2026-11-01T08:30"),
        ("America/Los_Angeles", "2026-11-01", "18:00", "2026-11-02T02:00"),
        ("America/New_York", "2026-03-08", "02:30", "2026-03-08T07:30"),
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30"),
        ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:30"),
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45"),
        ("America/Santiago", "2026-09-06", "00:30", "2026-09-06T04:30"),
        ("America/Phoenix", "2026-03-08", "02:30", "2026-03-08T09:30"),
        ("Asia/Kathmandu", "2026-03-08", "02:30", "2026-03-07T20:45"),
    ],
)
def test_wall_time_through_clock_changes(zone: str, day: str, wall: str, moment: str) -> None:
    assert instant(date.fromisoformat(day), time.fromisoformat(wall), zone) == utc(moment)


ZONES = ["America/Los_Angeles", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"]


@pytest.mark.parametrize("zone", ZONES)
def test_a_daily_session_keeps_its_wall_time_through_every_change_until_2030(zone: str) -> None:
    daily = sessions(Series(time_zone=zone), [], date(2024, 1, 1), date(2030, 12, 31))
    assert len(daily) == (date(2030, 12, 31) - date(2024, 1, 1)).days + 1
    local = [session.starts_at.astimezone(ZoneInfo(zone)) for session in daily]
    assert {moment.time() for moment in local} == {time(18, 0)}
    assert [moment.date() for moment in local] == [session.local_date for session in daily]
    assert {session.ends_at - session.starts_at for session in daily} == {timedelta(hours=3)}


@pytest.mark.parametrize("zone", ZONES)
def test_a_session_in_the_skipped_hour_still_takes_place_once_a_day(zone: str) -> None:
    daily = sessions(
        Series(time_zone=zone, times=["02:10"]), [], date(2024, 1, 1), date(2030, 12, 31)
    )
    starts = [session.starts_at for session in daily]
    assert starts == sorted(set(starts))
    odd = {b - a for a, b in pairwise(starts)} - {timedelta(days=1)}
    assert all(
        timedelta(hours=22, minutes=59) < gap < timedelta(hours=25, minutes=1) for gap in odd
    )


def test_a_night_session_lasts_its_minutes_although_the_clocks_go_back() -> None:
    series = Series(times=["00:30"], minutes=120)
    (session,) = sessions(series, [], date(2026, 11, 1), date(2026, 11, 1))
    assert session.ends_at.astimezone(ZoneInfo(series.time_zone)).time() == time(1, 30)
    assert session.ends_at - session.starts_at == timedelta(hours=2)


def test_a_rule_sets_weekdays_and_each_time_makes_a_session() -> None:
    series = Series(rule="FREQ=WEEKLY;BYDAY=MO,WE", times=["09:00", "11:00"])
    week = sessions(series, [], date(2026, 3, 2), date(2026, 3, 8))
    assert [(s.local_date.isoformat(), s.slot) for s in week] == [
        ("2026-03-02", 0),
        ("2026-03-02", 1),
        ("2026-03-04", 0),
        ("2026-03-04", 1),
    ]


def test_no_sessions_before_the_first_date_or_after_the_end() -> None:
    series = Series(first_date=date(2026, 3, 3), ended_on=date(2026, 3, 5))
    month = sessions(series, [], date(2026, 3, 1), date(2026, 3, 31))
    assert [s.local_date.day for s in month] == [3, 4]
    assert [has_slot(series, date(2026, 3, day), 0) for day in (2, 3, 4, 5)] == [
        False,
        True,
        True,
        False,
    ]
    assert not has_slot(series, date(2026, 3, 3), 1)


def test_an_exception_cancels_moves_or_relocates_one_session() -> None:
    exceptions = [
        Exceptional(date(2026, 3, 2), cancelled=True, reason="Holiday"),
        Exceptional(date(2026, 3, 3), new_date=date(2026, 3, 5), new_time=time(9, 0)),
        Exceptional(date(2026, 3, 4), place="", video_link="https://video.example/1"),
        Exceptional(date(2027, 1, 1), cancelled=True),
    ]
    first, second, third = sessions(Series(), exceptions, date(2026, 3, 2), date(2026, 3, 4))
    assert (first.cancelled, first.reason, first.starts_at) == (
        True,
        "Holiday",
        utc("2026-03-03T02:00"),
    )
    assert (second.local_date, second.starts_at) == (date(2026, 3, 3), utc("2026-03-05T17:00"))
    assert (third.place, third.video_link) == ("", "https://video.example/1")
    assert second.place == "Room 1"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=MO,WE,FR",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;WKST=SU",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=DAILY;COUNT=5",
        "FREQ=DAILY;UNTIL=20260401",
    ],
)
def test_supported_rules_are_accepted(rule: str) -> None:
    assert problem_with_rule(rule, date(2026, 3, 2)) is None


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=HOURLY",
        "FREQ=SECONDLY;INTERVAL=1",
        "FREQ=YEARLY",
        "BYDAY=MO",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=99999999",
        "FREQ=DAILY;BYHOUR=1",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=many",
        "FREQ=DAILY;UNTIL=20200101",
        "FREQ=DAILY;UNTIL=20260401T000000Z",
        "FREQ=DAILY\nEXDATE:20260303",
        "RRULE:FREQ=DAILY",
        "FREQ=DAILY;;",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY;COUNT=3;COUNT=9",
        "FREQ=DAILY;COUNT=3;UNTIL=20260401",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=MONTHLY;BYDAY=+999999999999MO",
    ],
)
def test_unsupported_rules_are_refused_with_a_sentence(rule: str) -> None:
    assert (problem_with_rule(rule, date(2026, 3, 2)) or "").endswith(".")


@given(st.text(alphabet="FREQ=DAILYWKMONTHINTERVAL;,0123456789BYUC-+", max_size=60))
def test_no_input_breaks_the_rule_check(rule: str) -> None:
    problem = problem_with_rule(f"FREQ={rule}", date(2026, 3, 2))
    if problem is None:
        last = date(2026, 3, 2) + timedelta(days=366)
        assert list(timetable.dates(f"FREQ={rule}", date(2026, 3, 2), date(2026, 3, 2), last))
