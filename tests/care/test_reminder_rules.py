"""When one person is reminded: wishes, quiet hours, zones, and clocks that change."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.care.rules.reminders import Wishes, audible, reminders

NIGHT = (time(22, 0), time(7, 0))
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FIRST = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass
class Booked:
    starts_at: datetime
    id: uuid.UUID = field(default_factory=uuid.uuid4)


def at(text: str, zone: str = "America/Los_Angeles") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def due(
    starts: str,
    *leads: int,
    quiet: tuple[time, time] | None = NIGHT,
    zone: str = "America/Los_Angeles",
    now: datetime = LONG_AGO,
) -> dict[int, datetime]:
    wishes = Wishes(zone, quiet, leads)
    return {d.lead: d.due_at for d in reminders([Booked(at(starts))], wishes, now)}


def test_by_day_reminders_come_exactly_their_lead_before() -> None:
    assert due("2026-03-04T18:00", 1440, 60) == {
        1440: at("2026-03-03T18:00"),
        60: at("2026-03-04T17:00"),
    }


@pytest.mark.parametrize(
    ("starts", "lead", "comes"),
    [
        ("2026-03-04T09:00", 180, "2026-03-04T07:00"),  # 06:00 is quiet: when the night ends
        ("2026-03-04T07:00", 30, "2026-03-03T22:00"),  # the night ends too late: before it begins
        ("2026-03-04T06:00", 60, "2026-03-03T22:00"),
        ("2026-03-05T00:30", 60, "2026-03-04T22:00"),  # 23:30, before midnight
        ("2026-03-04T08:00", 60, "2026-03-04T07:00"),  # the edges themselves are not quiet
        ("2026-03-04T22:30", 30, "2026-03-04T22:00"),
    ],
)
def test_quiet_hours_move_a_reminder_but_never_past_the_start(
    starts: str, lead: int, comes: str
) -> None:
    assert due(starts, lead) == {lead: at(comes)}


def test_quiet_hours_within_one_day() -> None:
    assert due("2026-03-04T15:00", 60, quiet=(time(13), time(14, 30))) == {
        60: at("2026-03-04T14:30")
    }


def test_two_reminders_at_one_moment_are_one_and_the_shorter_lead_stays() -> None:
    assert due("2026-03-04T09:00", 240, 180, 150) == {150: at("2026-03-04T07:00")}


def test_the_past_is_not_reminded_of() -> None:
    now = at("2026-03-04T17:00")
    assert due("2026-03-04T18:00", 1440, 60, 59, now=now) == {59: at("2026-03-04T17:01")}


def test_no_leads_no_reminders() -> None:
    assert due("2026-03-04T18:00") == {}


def test_on_a_journey_the_night_is_where_the_person_is_and_the_session_where_it_is() -> None:
    # 09:00 in Los Angeles is 18:00 in Berlin; 06:00 there, asleep at home, is 15:00 awake here.
    assert due("2026-03-04T09:00", 180, zone="Europe/Berlin") == {180: at("2026-03-04T06:00")}
    # 18:00 in Los Angeles is 03:00 in Berlin: told when the night there begins.
    assert due("2026-03-04T18:00", 60, zone="Europe/Berlin") == {
        60: at("2026-03-04T22:00", "Europe/Berlin")
    }


@pytest.mark.parametrize(
    ("zone", "evening", "night", "comes"),
    [
        ("America/Los_Angeles", "2026-03-08T09:00", NIGHT, "2026-03-08T07:00"),
        ("America/Los_Angeles", "2026-11-01T09:00", NIGHT, "2026-11-01T07:00"),
        ("Europe/Berlin", "2026-03-29T09:00", NIGHT, "2026-03-29T07:00"),
        ("Australia/Lord_Howe", "2026-10-04T09:00", NIGHT, "2026-10-04T07:00"),
        # The night ends in the hour that is skipped: at what the clocks then show.
        ("America/New_York", "2026-03-08T05:00", (time(22), time(2, 30)), "2026-03-08T03:30"),
    ],
)
def test_the_night_of_a_change_of_clocks(
    zone: str, evening: str, night: tuple[time, time], comes: str
) -> None:
    booked = Booked(at(evening, zone))
    (found,) = reminders([booked], Wishes(zone, night, (4 * 60,)), LONG_AGO)
    assert found.due_at == at(comes, zone)


ZONES = ["America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"]
CLOCK = st.times().map(lambda t: t.replace(second=0, microsecond=0, tzinfo=None))


@given(
    starts=st.integers(0, 7 * 366 * 24 * 60).map(lambda m: FIRST + timedelta(minutes=m)),
    lead=st.integers(0, 7 * 24 * 60),
    quiet=st.tuples(CLOCK, CLOCK).filter(lambda q: q[0] != q[1]),
    zone=st.sampled_from(ZONES),
)
def test_nobody_is_woken_and_nobody_is_told_after_the_start(
    starts: datetime, lead: int, quiet: tuple[time, time], zone: str
) -> None:
    wishes = Wishes(zone, quiet, (lead,))
    moment = audible(starts - timedelta(minutes=lead), starts, wishes)
    assert moment <= starts
    local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None).time()
    begin, end = quiet
    asleep = begin < local < end if begin < end else local > begin or local < end
    # A night that begins or ends in an hour that clocks skip or repeat begins or ends beside it.
    assert not asleep or _near_change(moment, zone)


def _near_change(moment: datetime, zone: str) -> bool:
    offsets = {
        (moment + timedelta(hours=h)).astimezone(ZoneInfo(zone)).utcoffset() for h in (-3, 0, 3)
    }
    return len(offsets) > 1
