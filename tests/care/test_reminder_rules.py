"""When a user is reminded: preferences, quiet hours, time zones and clock changes."""

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
class Session:
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
    return {d.lead: d.due_at for d in reminders([Session(at(starts))], wishes, now)}


def test_outside_quiet_hours_a_reminder_is_due_exactly_its_lead_before() -> None:
    assert due("2026-03-04T18:00", 1440, 60) == {
        1440: at("2026-03-03T18:00"),
        60: at("2026-03-04T17:00"),
    }


@pytest.mark.parametrize(
    ("starts", "lead", "comes"),
    [
        ("2026-03-04T09:00", 180, "2026-03-04T07:00"),  # 06:00 is quiet: moved to the night's end
        ("2026-03-04T07:00", 30, "2026-03-03T22:00"),  # the night ends too late: moved to its start
        ("2026-03-04T06:00", 60, "2026-03-03T22:00"),
        ("2026-03-05T00:30", 60, "2026-03-04T22:00"),  # 23:30, before midnight
        ("2026-03-04T08:00", 60, "2026-03-04T07:00"),  # the boundaries themselves are not quiet
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


def test_of_reminders_due_at_the_same_time_the_shortest_lead_is_kept() -> None:
    assert due("2026-03-04T09:00", 240, 180, 150) == {150: at("2026-03-04T07:00")}


def test_reminders_in_the_past_are_left_out() -> None:
    now = at("2026-03-04T17:00")
    assert due("2026-03-04T18:00", 1440, 60, 59, now=now) == {59: at("2026-03-04T17:01")}


def test_without_leads_there_are_no_reminders() -> None:
    assert due("2026-03-04T18:00") == {}


def test_quiet_hours_follow_the_user_s_zone_and_the_session_its_own() -> None:
    # 09:00 in Los Angeles is 18:00 in Berlin. The reminder at 06:00 is 15:00 there: not quiet.
    assert due("2026-03-04T09:00", 180, zone="Europe/Berlin") == {180: at("2026-03-04T06:00")}
    # 18:00 in Los Angeles is 03:00 in Berlin: reminded when the night begins there.
    assert due("2026-03-04T18:00", 60, zone="Europe/Berlin") == {
        60: at("2026-03-04T22:00", "Europe/Berlin")
    }


@pytest.mark.parametrize(
    ("zone", "starts", "night", "comes"),
    [
        ("America/Los_Angeles", "2026-03-08T09:00", NIGHT, "2026-03-08T07:00"),
        ("America/Los_Angeles", "2026-11-01T09:00", NIGHT, "2026-11-01T07:00"),
        ("Europe/Berlin", "2026-03-29T09:00", NIGHT, "2026-03-29T07:00"),
        ("Australia/Lord_Howe", "2026-10-04T09:00", NIGHT, "2026-10-04T07:00"),
        # The night ends in the skipped hour, so an hour later on the clock.
        ("America/New_York", "2026-03-08T05:00", (time(22), time(2, 30)), "2026-03-08T03:30"),
    ],
)
def test_quiet_hours_on_the_night_of_a_clock_change(
    zone: str, starts: str, night: tuple[time, time], comes: str
) -> None:
    booked = Session(at(starts, zone))
    (reminder,) = reminders([booked], Wishes(zone, night, (4 * 60,)), LONG_AGO)
    assert reminder.due_at == at(comes, zone)


ZONES = ["America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"]
CLOCK = st.times().map(lambda t: t.replace(second=0, microsecond=0, tzinfo=None))


@given(
    starts=st.integers(0, 7 * 366 * 24 * 60).map(lambda m: FIRST + timedelta(minutes=m)),
    lead=st.integers(0, 7 * 24 * 60),
    quiet=st.tuples(CLOCK, CLOCK).filter(lambda q: q[0] != q[1]),
    zone=st.sampled_from(ZONES),
)
def test_no_reminder_comes_in_quiet_hours_or_after_the_start(
    starts: datetime, lead: int, quiet: tuple[time, time], zone: str
) -> None:
    wishes = Wishes(zone, quiet, (lead,))
    moment = audible(starts - timedelta(minutes=lead), starts, wishes)
    assert moment <= starts
    local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None).time()
    begin, end = quiet
    asleep = begin < local < end if begin < end else local > begin or local < end
    # If quiet hours start or end in a skipped or repeated hour, the boundary is inexact.
    assert not asleep or _near_change(moment, zone)


def _near_change(moment: datetime, zone: str) -> bool:
    offsets = {
        (moment + timedelta(hours=h)).astimezone(ZoneInfo(zone)).utcoffset() for h in (-3, 0, 3)
    }
    return len(offsets) > 1
