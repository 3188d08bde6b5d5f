"""Series are created, changed and ended; sessions that have begun stay unchanged."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from foundation.problems import Invalid, NotAllowed, NotFound
from notifications.models import Intent
from recovery.actions import Refused
from recovery.actions.jobs import later
from recovery.care.models import Appointment, Reminder, SessionException, SessionSeries
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.flush import flush
from recovery.feed.models import FeedEntry, Membership
from recovery.signin.models import User
from tests.care.wall_time import local
from tests.cast import (
    EVENING_GROUP,
    NORTHLIGHT,
    NOW,
    act,
    act_as_system,
    employ,
    load_programme,
    make_user,
    open_group,
    preset,
    run_jobs,
)
from tests.roles import as_role, set_scene

pytestmark = pytest.mark.usefixtures("committed_db")

# NOW is Monday 2026-03-02, 07:00 in Los Angeles.
EVENINGS = EVENING_GROUP | {"rule": "FREQ=WEEKLY;BYDAY=MO,WE", "place": "Room 2"}


@pytest.fixture
def leader() -> User:
    load_programme()
    return employ()


@pytest.fixture
def group(leader: User) -> str:
    return f"group:{open_group(leader, make_user(), make_user())}"


def make_series(leader: User, group: str, **changes: Any) -> str:
    outcome = act(leader, "care.create_series", scope=group, **EVENINGS | changes)
    return str(outcome.data["series"])


def timetable(status: str = "booked") -> list[str]:
    with as_role("jobs"):
        rows = Appointment.objects.filter(status=status).order_by("starts_at")
        return [f"{r.starts_at:%m-%d %H:%M} {r.place}" for r in rows]


def everything() -> list[Any]:
    with as_role("jobs"):
        models = (SessionSeries, SessionException, Appointment, Intent)
        return [list(model.objects.order_by("id").values()) for model in models]


def pushes() -> list[tuple[Any, ...]]:
    """The pushes planned for the participants."""
    with as_role("jobs"):
        rows = Intent.objects.filter(type="care.session_changed")
        return list(rows.values_list("type", "push_class", "role", "except_user"))


def refused(leader: User, name: str, **data: Any) -> str:
    """Returns the code of the refusal, and checks that nothing has changed."""
    before = everything()
    with pytest.raises(Refused) as refusal:
        act(leader, name, **data)
    assert everything() == before
    return refusal.value.code


def test_four_weeks_of_sessions_are_created_at_once(leader: User, group: str) -> None:
    make_series(leader, group)
    made = timetable()
    # Summer time begins on 8 March: 18:00 is 02:00 UTC before and 01:00 after.
    assert made[:3] == ["03-03 02:00 Room 2", "03-05 02:00 Room 2", "03-10 01:00 Room 2"]
    assert len(made) == 9


def test_the_window_rolls_forward_and_creates_nothing_twice(leader: User, group: str) -> None:
    series = make_series(leader, group)
    run_jobs()
    scope_id = group.removeprefix("group:")
    for day in (0, 0, 7):
        now = NOW + timedelta(days=day)
        act_as_system("care.extend_series", scope_id=scope_id, series=series, now=now)
    assert len(timetable()) == 11


def test_strangers_cannot_find_the_group_or_its_sessions(leader: User, group: str) -> None:
    make_series(leader, group)
    assert Appointment.objects.count() == 0
    with pytest.raises(NotFound):
        act(make_user(), "care.create_series", scope=group, **EVENINGS)


def test_only_facilitators_keep_the_timetable(leader: User) -> None:
    member = make_user()
    group = f"group:{open_group(leader, member)}"
    with pytest.raises(NotAllowed):
        act(member, "care.create_series", scope=group, **EVENINGS)
    series = make_series(leader, group)
    before = everything()
    for name in ("care.cancel_session", "care.change_session", "care.restore_session"):
        with pytest.raises(NotAllowed):
            act(member, name, series=series, local_date="2026-03-04")
    for name in ("care.change_series", "care.end_series"):
        with pytest.raises(NotAllowed):
            act(member, name, series=series, from_date="2026-03-04")
    assert everything() == before


def test_a_change_applies_from_its_date_on(leader: User, group: str) -> None:
    series = make_series(leader, group)
    act(
        leader,
        "care.change_series",
        series=series,
        from_date="2026-03-09",
        rule="FREQ=WEEKLY;BYDAY=TU",
        times=["10:00"],
        place="Room 5",
    )
    assert timetable()[:4] == [
        "03-03 02:00 Room 2",
        "03-05 02:00 Room 2",
        "03-10 17:00 Room 5",
        "03-17 17:00 Room 5",
    ]
    assert len(timetable("withdrawn")) == 7


def test_before_a_change_far_ahead_the_old_rule_applies(leader: User, group: str) -> None:
    series = make_series(leader, group)
    act(leader, "care.change_series", series=series, from_date="2026-05-18", times=["10:00"])
    made = timetable()
    assert made[-2:] == ["05-14 01:00 Room 2", "05-18 17:00 Room 2"]
    assert len(made) == 23


def test_a_session_withdrawn_and_needed_again_is_the_same_session(leader: User, group: str) -> None:
    series = make_series(leader, group)
    with as_role("jobs"):
        before = set(Appointment.objects.values_list("id", flat=True))
    for rule in ("FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;BYDAY=MO,WE"):
        act(leader, "care.change_series", series=series, from_date="2026-03-03", rule=rule)
    with as_role("jobs"):
        assert (
            set(Appointment.objects.filter(status="booked").values_list("id", flat=True)) == before
        )


def test_a_session_that_has_begun_stays_unchanged(leader: User, group: str) -> None:
    series = make_series(leader, group, times=["00:30"], first_date="2026-03-03")
    during = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)  # Wednesday, 01:00 local time
    before = timetable()[0]
    act(leader, "care.change_series", now=during, series=series, from_date="2026-03-05", minutes=60)
    with as_role("jobs"):
        first = Appointment.objects.get(local_date="2026-03-04")
        assert first.ends_at - first.starts_at == timedelta(hours=3)
    assert timetable()[0] == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rule": "FREQ=HOURLY"}, "rule"),
        ({"times": []}, "times"),
        ({"times": ["25:00"]}, "times"),
        ({"times": ["18:00", "09:00"]}, "times"),
        ({"minutes": 0}, "minutes"),
        ({"time_zone": "Nowhere"}, "time_zone"),
        ({"first_date": "2025-12-01"}, "first_date"),
        ({"video_link": "javascript:alert(1)"}, "video_link"),
        ({"kind": "party"}, "kind"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_an_invalid_field_is_named_and_creates_nothing(
    leader: User, group: str, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        make_series(leader, group, **changes)
    assert set(refusal.value.errors) == {field}
    assert everything() == [[], [], [], []]


@pytest.mark.parametrize("from_date", ["2026-03-01", "2026-03-02", "2026-06-01"])
def test_a_series_changes_from_tomorrow_on_and_not_too_far_ahead(
    leader: User, group: str, from_date: str
) -> None:
    series = make_series(leader, group)
    for name in ("care.change_series", "care.end_series"):
        assert refused(leader, name, series=series, from_date=from_date) == "date_out_of_range"


def test_a_series_ends_and_stays_ended(leader: User, group: str) -> None:
    series = make_series(leader, group)
    act(leader, "care.end_series", series=series, from_date="2026-03-09")
    assert timetable() == ["03-03 02:00 Room 2", "03-05 02:00 Room 2"]
    again = {"series": series, "from_date": "2026-03-10"}
    assert refused(leader, "care.change_series", **again, minutes=60) == "ended"


def test_creating_changing_and_ending_a_series_notifies_the_members(
    leader: User, group: str
) -> None:
    """A refused change notifies no one: `refused` compares the intents too."""
    push = ("care.session_changed", "reminder", "member", leader.id)
    series = make_series(leader, group)
    assert pushes() == [push]
    act(leader, "care.change_series", series=series, from_date="2026-03-09", place="Room 9")
    assert pushes() == [push] * 2
    act(leader, "care.end_series", series=series, from_date="2026-03-16")
    assert pushes() == [push] * 3
    assert refused(leader, "care.end_series", series=series, from_date="2026-03-17") == "ended"


def test_a_cancellation_notifies_at_once_and_outlasts_a_change(leader: User, group: str) -> None:
    series = make_series(leader, group)
    act(leader, "care.cancel_session", series=series, local_date="2026-03-09", reason="Holiday")
    assert timetable("cancelled") == ["03-10 01:00 Room 2"]
    assert pushes() == [("care.session_changed", "reminder", "member", leader.id)] * 2
    act(leader, "care.change_series", series=series, from_date="2026-03-03", place="Room 9")
    assert timetable("cancelled") == ["03-10 01:00 Room 9"]
    act(leader, "care.restore_session", series=series, local_date="2026-03-09")
    assert "03-10 01:00 Room 9" in timetable()


def how_announced(
    leader: User, action: str, now: datetime, **change: Any
) -> tuple[bool, datetime | None]:
    """Whether the push about a change at this moment waits for the morning, and until when at
    most."""
    with as_role("jobs"):
        before = set(Intent.objects.values_list("id", flat=True))
    act(leader, action, now=now, **change)
    with as_role("jobs"):
        [new] = Intent.objects.filter(type="care.session_changed").exclude(id__in=before)
        return new.waits, new.needed_by


def test_a_cancellation_at_night_waits_for_the_morning(leader: User, group: str) -> None:
    which = {"series": make_series(leader, group), "local_date": "2026-03-09"}
    at = local("2026-03-09T02:00")
    assert how_announced(leader, "care.cancel_session", at, **which) == (
        True,
        local("2026-03-09T18:00"),
    )


def test_a_session_within_hours_is_announced_at_once(leader: User, group: str) -> None:
    series = make_series(leader, group)
    move = {"series": series, "local_date": "2026-03-09", "new_time": "06:00"}
    # From 18:00 to 06:00 of the same day: the earlier of the two counts.
    at = local("2026-03-09T02:00")
    assert how_announced(leader, "care.change_session", at, **move) == (
        False,
        local("2026-03-09T06:00"),
    )


def test_a_programme_decides_how_soon_is_soon(leader: User, group: str) -> None:
    series = make_series(leader, group)
    reminders = preset()["reminders"] | {"urgent_within_hours": 16}
    settings = {"programme": NORTHLIGHT, "settings": {"reminders": reminders}}
    act(employ(role="admin"), "care.change_settings", **settings)
    cancel = {"series": series, "local_date": "2026-03-09"}
    at = local("2026-03-09T02:00")
    assert how_announced(leader, "care.cancel_session", at, **cancel) == (
        False,
        local("2026-03-09T18:00"),
    )


def test_a_moved_session_keeps_its_local_date(leader: User, group: str) -> None:
    series = make_series(leader, group)
    move: Any = {"series": series, "local_date": "2026-03-04"}
    act(leader, "care.change_session", **move, new_date="2026-03-05", new_time="09:00")
    act(leader, "care.change_session", **move, place="Room 7")
    assert timetable()[1] == "03-05 17:00 Room 7"
    act(leader, "care.change_session", **move, new_time="10:00")
    assert timetable()[1] == "03-05 18:00 Room 7"
    with as_role("jobs"):
        assert Appointment.objects.filter(local_date=date(2026, 3, 4)).count() == 1


def test_a_session_not_created_yet_can_be_cancelled(leader: User, group: str) -> None:
    series = make_series(leader, group)
    act(leader, "care.cancel_session", series=series, local_date="2026-04-20")
    scope_id = group.removeprefix("group:")
    later = NOW + timedelta(days=30)
    act_as_system("care.extend_series", scope_id=scope_id, series=series, now=later)
    assert timetable("cancelled") == ["04-21 01:00 Room 2"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"local_date": "2026-03-03"}, "no_session"),
        ({"local_date": "2026-04-21"}, "no_session"),
        ({"local_date": "2026-03-04", "slot": 1}, "no_session"),
        ({"local_date": "2026-03-04", "new_date": "2026-05-04"}, "too_far"),
        ({"local_date": "9999-12-29"}, "too_far"),
        ({"local_date": "2026-03-04", "new_date": "2026-03-01"}, "in_the_past"),
        ({"local_date": "2026-04-01", "new_date": "2026-03-01"}, "in_the_past"),
    ],
)
def test_an_unknown_session_or_an_impossible_move_is_refused(
    leader: User, group: str, change: dict[str, Any], code: str
) -> None:
    series = make_series(leader, group)
    assert refused(leader, "care.change_session", series=series, **change) == code


def test_a_past_session_cannot_be_cancelled(leader: User, group: str) -> None:
    series = make_series(leader, group)
    after = NOW + timedelta(days=1)
    cancel = {"series": series, "local_date": "2026-03-02"}
    assert refused(leader, "care.cancel_session", now=after, **cancel) == "over"


def test_a_member_who_joins_late_gets_the_timetable(leader: User, group: str) -> None:
    series = make_series(leader, group)
    act(leader, "care.cancel_session", series=series, local_date="2026-03-09")
    scope_id, member = UUID(group.removeprefix("group:")), make_user()
    with transaction.atomic(), collecting() as collection, set_scene():
        scopes.grant(scope_id, member.id, "member", from_now=True)
        flush(collection, author_id=leader.id, now=NOW, origin=[])
        later("care.welcome", scope_id=str(scope_id), user_id=str(member.id))
    run_jobs()
    with as_role("jobs"):
        joined = Membership.objects.get(scope_id=scope_id, user_id=member.id).visible_from
        seen = FeedEntry.objects.filter(scope_id=scope_id, seq__gt=joined).values_list("kind")
        assert Counter(kind for (kind,) in seen) == {"session_series": 1, "appointment": 9}
        # Two for each of seven sessions within four weeks; one of tonight's is already past.
        assert Reminder.objects.in_scope(member.id).filter(state="planned").count() == 13


def test_a_group_outside_any_programme_has_no_timetable(leader: User) -> None:
    group = f"group:{open_group(leader, home=str(uuid4()))}"
    with pytest.raises(NotFound):
        make_series(leader, group)
    assert everything() == [[], [], [], []]
