"""What was said of a session stays with the session that was meant, however its series changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.care.jobs import follow_time_zones
from recovery.care.models import Appointment, SessionSeries
from recovery.care.queries import series_of_other_time_zones
from recovery.care.rules.timetable import slots_of
from recovery.signin.models import User
from tests.cast import (
    EVENING_GROUP,
    NOW,
    act,
    act_as_system,
    employ,
    load_programme,
    make_user,
    open_group,
)
from tests.roles import as_role

DAY = "2026-03-10"
TIMES = [f"{hour:02}:{minute:02}" for hour in range(7, 22) for minute in (0, 30)]
some_times = st.lists(st.sampled_from(TIMES), min_size=1, max_size=4, unique=True).map(sorted)


@pytest.fixture
def leader(committed_db: None) -> User:
    load_programme()
    return employ()


@pytest.fixture
def series(leader: User) -> str:
    facts = EVENING_GROUP | {"rule": "FREQ=DAILY", "times": ["10:00", "15:00"]}
    group = f"group:{open_group(leader, make_user())}"
    return str(act(leader, "care.create_series", scope=group, **facts).data["series"])


def status(day: str = DAY) -> dict[str, str]:
    """The status of each session of the day, by its local time. Withdrawn ones are left out."""
    with as_role("jobs"):
        rows = Appointment.objects.filter(local_date=day).exclude(status="withdrawn")
        return {f"{row.starts_at - timedelta(hours=7):%H:%M}": row.status for row in rows}


def slot_at(time: str) -> int:
    with as_role("jobs"):
        row = SessionSeries.objects.get()
        return int(row.slots[row.times.index(time)])


def cancel(leader: User, series: str, time: str) -> None:
    act(leader, "care.cancel_session", series=series, local_date=DAY, slot=slot_at(time))


def change(leader: User, series: str, *times: str) -> None:
    act(leader, "care.change_series", series=series, from_date="2026-03-05", times=list(times))


@pytest.mark.parametrize(
    ("times", "after"),
    [
        (["08:00", "10:00", "15:00"], {"08:00": "booked", "10:00": "cancelled", "15:00": "booked"}),
        (["10:00", "12:00", "15:00"], {"10:00": "cancelled", "12:00": "booked", "15:00": "booked"}),
        (["15:00"], {"15:00": "booked"}),
        (["10:00"], {"10:00": "cancelled"}),
        (["10:30", "15:00"], {"10:30": "cancelled", "15:00": "booked"}),
        (["08:00", "10:00"], {"08:00": "booked", "10:00": "cancelled"}),
        (["10:00", "16:00"], {"10:00": "cancelled", "16:00": "booked"}),
        (["15:00", "18:00"], {"15:00": "booked", "18:00": "booked"}),
        (["11:00", "16:00"], {"11:00": "cancelled", "16:00": "booked"}),
    ],
)
def test_a_cancelled_time_stays_cancelled_and_no_other_is(
    leader: User, series: str, times: list[str], after: dict[str, str]
) -> None:
    cancel(leader, series, "10:00")
    change(leader, series, *times)
    assert status() == after


def test_dropping_a_time_revives_no_cancelled_session(leader: User, series: str) -> None:
    cancel(leader, series, "15:00")
    change(leader, series, "15:00")
    assert status() == {"15:00": "cancelled"}


def test_a_time_that_comes_back_is_as_it_was(leader: User, series: str) -> None:
    cancel(leader, series, "10:00")
    change(leader, series, "15:00")
    change(leader, series, "08:00", "15:00")
    assert status() == {"08:00": "booked", "15:00": "booked"}
    change(leader, series, "08:00", "10:00", "15:00")
    assert status() == {"08:00": "booked", "10:00": "cancelled", "15:00": "booked"}


def test_phones_see_the_slots(leader: User, series: str) -> None:
    change(leader, series, "08:00", "10:00", "15:00")
    assert [slot_at(time) for time in ("08:00", "10:00", "15:00")] == [2, 0, 1]


@given(st.lists(some_times, min_size=2, max_size=8))
def test_a_slot_means_one_time_of_a_day_for_good(edits: list[list[str]]) -> None:
    known: dict[str, int] = dict(zip(edits[0], range(len(edits[0])), strict=True))
    dropped: dict[str, int] = {}
    for times in edits[1:]:
        slots = slots_of(times, known, dropped)
        assert len(set(slots)) == len(times)
        after = dict(zip(times, slots, strict=True))
        for time in times:
            if time in dropped | known:
                assert after[time] == (dropped | known)[time]
        moved = {slot: time for time, slot in known.items() if time not in after}
        for time in after.keys() - known.keys() - dropped.keys():
            before = moved.get(after[time])
            # A new time is new, or one that is gone, with no time that stays between the two.
            if before is None:
                assert after[time] not in (dropped | known).values()
            else:
                between = sorted((before, time))
                assert not any(between[0] < stay < between[1] for stay in known.keys() & after)
        every = dropped | known
        known = after
        dropped = {time: slot for time, slot in every.items() if slot not in slots}


def test_a_series_from_before_slots_keeps_its_sessions(leader: User, series: str) -> None:
    cancel(leader, series, "15:00")
    with as_role("jobs"):
        SessionSeries.objects.update(slots=[])
    change(leader, series, "08:00", "10:00", "15:00")
    assert status() == {"08:00": "booked", "10:00": "booked", "15:00": "cancelled"}


def rows() -> list[tuple[Any, ...]]:
    with as_role("jobs"):
        return list(Appointment.objects.order_by("id").values_list("id", "starts_at", "ends_at"))


def test_new_rules_of_time_zones_move_what_is_to_come_and_nothing_else(
    leader: User, series: str
) -> None:
    cancel(leader, series, "10:00")
    before, cancelled, hour = rows(), status(), timedelta(hours=1)
    past_start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with as_role("jobs"):
        past = Appointment.objects.order_by("starts_at")[0]
        Appointment.objects.filter(id=past.id).update(
            starts_at=past_start, ends_at=past_start + hour
        )
        # As the sessions would be if an earlier version had another offset.
        SessionSeries.objects.update(tzdata="2020a")
        for row in Appointment.objects.exclude(id=past.id):
            row.starts_at, row.ends_at = row.starts_at + hour, row.ends_at + hour
            row.save()
    scope_id = past.scope_id
    act_as_system("care.follow_time_zones", scope_id=str(scope_id), series=series)
    as_they_were = {id_: (starts, ends) for id_, starts, ends in before}
    for id_, starts, ends in rows():
        expected = (past_start, past_start + hour) if id_ == past.id else as_they_were[id_]
        assert (starts, ends) == expected
    assert status() == cancelled


def test_a_job_finds_the_series_of_other_versions(leader: User, series: str) -> None:
    with as_role("jobs"):
        assert series_of_other_time_zones(NOW) == []
        SessionSeries.objects.update(tzdata="2020a")
        assert [str(row.id) for row in series_of_other_time_zones(NOW)] == [series]
        follow_time_zones(0)
        assert series_of_other_time_zones(NOW) == []


def test_a_series_without_sessions_is_found_once(leader: User, series: str) -> None:
    with as_role("jobs"):
        SessionSeries.objects.update(tzdata="2020a", planned_to=None)
        follow_time_zones(0)
        assert series_of_other_time_zones(NOW) == []
