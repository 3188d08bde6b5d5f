"""Reminders, planned by jobs after any change to sessions, groups or preferences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.problems import Invalid
from notifications.models import Intent, Preferences
from recovery.actions import Refused
from recovery.actions.jobs import later
from recovery.care.models import Appointment, Reminder
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.models import FeedEntry
from recovery.signin.models import User
from tests.at_once import at_once
from tests.care.wall_time import TIME_ZONE, local
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
    run_daily,
    run_jobs,
)
from tests.roles import as_role, set_scene

pytestmark = pytest.mark.usefixtures("committed_db")

WEDNESDAYS = EVENING_GROUP | {"rule": "FREQ=WEEKLY;BYDAY=WE", "first_date": "2026-03-04"}


def due(user: User, *, state: str = "planned") -> list[str]:
    """When the user will be reminded, in the programme's wall time."""
    with as_role("jobs"):
        rows = Reminder.objects.in_scope(user.id).filter(state=state).order_by("due_at")
        return [f"{row.due_at.astimezone(ZoneInfo(TIME_ZONE)):%m-%d %H:%M}" for row in rows]


def waiting(user: User) -> list[str]:
    """When pushes to the user are due, likewise."""
    with as_role("jobs"):
        rows = Intent.objects.filter(scope_id=user.id, state="planned").order_by("due")
        return [f"{row.due.astimezone(ZoneInfo(TIME_ZONE)):%m-%d %H:%M}" for row in rows]


def documents(user: User) -> int:
    with as_role("jobs"):
        entries = FeedEntry.objects.filter(scope_id=user.id, kind="reminder", deleted=False)
        return entries.count()


@contextmanager
def acting(user: User) -> Iterator[None]:
    with transaction.atomic(), collecting():
        set_actor(user.id)
        yield


class Scene:
    """One group with a weekly session, its leader and one member."""

    def __init__(self, **series: Any) -> None:
        self.leader, self.member = employ(), make_user()
        self.group = f"group:{open_group(self.leader, self.member)}"
        made = act(self.leader, "care.create_series", scope=self.group, **WEDNESDAYS | series).data
        self.series = made["series"]

    def leave(self) -> None:
        with acting(self.leader), set_scene():
            scopes.revoke(self.scope_id, self.member.id)
            later("care.plan_person", user_id=str(self.member.id))

    def join(self) -> None:
        with acting(self.leader), set_scene():
            scopes.grant(self.scope_id, self.member.id, "member")
            later("care.plan_person", user_id=str(self.member.id))

    @property
    def scope_id(self) -> UUID:
        return UUID(self.group.removeprefix("group:"))


@pytest.fixture
def scene() -> Scene:
    load_programme()
    scene = Scene(rule="FREQ=WEEKLY;BYDAY=WE;COUNT=1")
    run_jobs()
    return scene


def test_without_preferences_the_programme_s_apply(scene: Scene) -> None:
    # Northlight: a day and an hour before.
    assert due(scene.member) == waiting(scene.member) == ["03-03 18:00", "03-04 17:00"]
    assert documents(scene.member) == 2


def test_staff_are_not_reminded_of_the_groups_they_lead(scene: Scene) -> None:
    assert due(scene.leader) == waiting(scene.leader) == []


def test_changed_preferences_replan_at_once(scene: Scene) -> None:
    act(
        scene.member,
        "care.set_reminder_preferences",
        time_zone=TIME_ZONE,
        quiet_start="16:00",
        quiet_end="19:00",
        lead_minutes=[30, 180],
    )
    run_jobs()
    assert due(scene.member) == waiting(scene.member) == ["03-04 15:00", "03-04 16:00"]
    assert documents(scene.member) == 2


def test_a_cancelled_session_has_no_reminders_until_it_is_restored(scene: Scene) -> None:
    act(scene.leader, "care.cancel_session", series=scene.series, local_date="2026-03-04")
    run_jobs()
    assert due(scene.member) == waiting(scene.member) == []
    assert documents(scene.member) == 0
    act(scene.leader, "care.restore_session", series=scene.series, local_date="2026-03-04")
    run_jobs()
    assert due(scene.member) == waiting(scene.member) == ["03-03 18:00", "03-04 17:00"]


def test_a_member_who_leaves_loses_the_reminders_and_regains_them_on_return(scene: Scene) -> None:
    scene.leave()
    run_jobs()
    assert due(scene.member) == waiting(scene.member) == []
    scene.join()
    run_jobs()
    assert due(scene.member) == waiting(scene.member) == ["03-03 18:00", "03-04 17:00"]


def test_two_plans_at_once_add_each_reminder_once() -> None:
    load_programme()
    scene = Scene(rule="FREQ=WEEKLY;BYDAY=WE;COUNT=1")
    plan = partial(act_as_system, "care.plan_reminders", user=scene.member.id)
    assert [answer.status for answer in at_once(plan, plan)] == ["applied", "applied"]
    assert due(scene.member) == waiting(scene.member) == ["03-03 18:00", "03-04 17:00"]


def test_planning_again_writes_nothing(scene: Scene) -> None:
    with as_role("jobs"):
        before = list(FeedEntry.objects.filter(scope_id=scene.member.id).values_list("seq"))
    run_daily(NOW)
    assert run_jobs() == ["care.plan_person"]
    with as_role("jobs"):
        assert list(FeedEntry.objects.filter(scope_id=scene.member.id).values_list("seq")) == before
        assert Intent.objects.filter(scope_id=scene.member.id).count() == 2


def test_a_sent_reminder_is_not_repeated_after_changes(scene: Scene) -> None:
    now = local("2026-03-03T18:01")
    pump(now)
    act(
        scene.member,
        "care.set_reminder_preferences",
        now=now,
        time_zone=TIME_ZONE,
        lead_minutes=[1440, 60, 30],
    )
    act(
        scene.leader,
        "care.change_session",
        now=now,
        series=scene.series,
        local_date="2026-03-04",
        place="Room 7",
    )
    run_jobs(now)
    assert waiting(scene.member) == ["03-04 17:00", "03-04 17:30"]


def test_a_session_moved_after_its_reminder_gets_new_reminders(scene: Scene) -> None:
    now = local("2026-03-04T17:30")
    pump(now)
    move = {"series": scene.series, "local_date": "2026-03-04"}
    act(scene.leader, "care.change_session", now=now, **move, new_date="2026-03-06")
    run_jobs(now)
    assert waiting(scene.member) == ["03-05 18:00", "03-06 17:00"]
    # Moved back, it has the start that was already announced: only new leads are due.
    act(scene.leader, "care.change_session", now=now, **move, new_date="2026-03-04")
    act(
        scene.member,
        "care.set_reminder_preferences",
        now=now,
        time_zone=TIME_ZONE,
        lead_minutes=[1440, 60, 10],
    )
    run_jobs(now)
    assert waiting(scene.member) == ["03-04 17:50"]


def test_reminders_of_long_past_sessions_leave_the_feed(scene: Scene) -> None:
    pump(local("2026-03-05T08:00"))
    for day, kept in (("2026-03-10", 2), ("2026-03-12", 0)):
        with acting(scene.member):
            later("care.plan_person", user_id=str(scene.member.id))
        run_jobs(local(f"{day}T08:00"))
        assert documents(scene.member) == kept


def test_a_change_of_the_programme_s_reminders_replans_users_without_preferences(
    scene: Scene,
) -> None:
    admin = employ(role="admin")
    with acting(scene.leader), set_scene():
        scopes.grant(UUID(NORTHLIGHT), scene.member.id, "patient")
    hours = {"reminders": {"lead_minutes": [15]}}
    act(admin, "care.change_settings", programme=NORTHLIGHT, settings=hours)
    run_jobs()
    assert due(scene.member) == waiting(scene.member) == ["03-04 17:45"]


@pytest.mark.parametrize(
    "wishes",
    [
        {"quiet_start": "22:00"},
        {"quiet_start": "22:00", "quiet_end": None},
        {"quiet_start": "22:00", "quiet_end": "22:00"},
        {"quiet_start": "10pm", "quiet_end": "07:00"},
        {"lead_minutes": [-1]},
        {"lead_minutes": [1, 2, 3, 4, 5, 6]},
        {"lead_minutes": "soon"},
        {"time_zone": "Europe/Atlantis"},
        {"surprise": True},
    ],
)
def test_invalid_preferences_change_nothing(scene: Scene, wishes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        act(scene.member, "care.set_reminder_preferences", **wishes)
    assert run_jobs() == []
    assert due(scene.member) == ["03-03 18:00", "03-04 17:00"]


def pump(now: datetime) -> list[tuple[str, str]]:
    """Send what is due, as the pump does. Returns the scope and dedupe key of each push."""
    with as_role("jobs"):
        rows = Intent.objects.filter(state="planned", type="care.session_reminder", due__lte=now)
        sent = [(str(row.scope_id), str(row.dedupe)) for row in rows]
        rows.update(state="expanded", settled_at=now)
    return sent


# From here on: after any sequence of steps, the plan equals that of a naive model.

ZONES = [TIME_ZONE, "Europe/Berlin", "Asia/Tokyo", "America/New_York"]
QUIET = [None, ("22:00", "07:00"), ("21:30", "09:15"), ("13:00", "16:00")]
LEADS = [[60], [1440, 60], [720, 120, 15], []]
RULES = {"WE": (2,), "MO,TH": (0, 3), "MO,TU,WE,TH,FR": (0, 1, 2, 3, 4)}
TIMES = ["07:30", "10:00", "18:00", "23:00"]

STEP = st.one_of(
    st.tuples(st.just("pass"), st.integers(1, 60)),
    st.tuples(
        st.just("wish"), st.sampled_from(ZONES), st.sampled_from(QUIET), st.sampled_from(LEADS)
    ),
    st.tuples(
        st.just("series"), st.integers(1, 20), st.sampled_from([*RULES]), st.sampled_from(TIMES)
    ),
    st.tuples(st.just("cancel"), st.integers(0, 12)),
    st.tuples(st.just("restore"), st.integers(0, 12)),
    st.tuples(st.just("move"), st.integers(0, 12), st.integers(1, 5), st.sampled_from(TIMES)),
    st.tuples(st.sampled_from(["leave", "join"])),
)


FIRST = date(2026, 3, 2)


class Model:
    """A naive model of the timetable and the preferences."""

    def __init__(self) -> None:
        self.now = NOW
        self.rules = [(FIRST, RULES["WE"], "18:00")]
        self.cancelled: set[date] = set()
        self.moved: dict[date, datetime] = {}
        self.zone, self.leads = TIME_ZONE, [1440, 60]
        self.quiet: tuple[str, str] | None = ("21:30", "07:30")
        self.member = True
        self.sent: set[tuple[date, int, datetime]] = set()

    def sessions(self) -> dict[date, datetime]:
        """Each session's start by the local date that identifies it."""
        starts = {}
        for n in range(120):
            day = FIRST + timedelta(days=n)
            _, days, at = [rule for rule in self.rules if rule[0] <= day][-1]
            if day.weekday() in days:
                usual = datetime.combine(day, time.fromisoformat(at), ZoneInfo(TIME_ZONE))
                starts[day] = self.moved.get(day, usual)
        return starts

    def to_come(self) -> list[date]:
        return sorted(day for day, start in self.sessions().items() if start > self.now)

    def due(self) -> set[tuple[date, int, datetime, datetime]]:
        """Session, lead, start and due time of every future reminder."""
        if not self.member:
            return set()
        reminders = set()
        for day, start in self.sessions().items():
            if day not in self.cancelled and self.now < start <= self.now + timedelta(days=28):
                reminders |= self.of_session(day, start)
        return {d for d in reminders if d[3] > self.now and d[:3] not in self.sent}

    def of_session(self, day: date, start: datetime) -> set[tuple[date, int, datetime, datetime]]:
        moments = {lead: self.audible(start, lead) for lead in self.leads}
        return {
            (day, lead, utc(start), moment)
            for lead, moment in moments.items()
            if not any(other < lead and moments[other] == moment for other in moments)
        }

    def audible(self, start: datetime, lead: int) -> datetime:
        """Tries each minute: forward to the end of the quiet hours, else back to their start."""
        ideal = utc(start) - timedelta(minutes=lead)
        for step in (1, -1):
            moment = ideal
            while self.asleep(moment):
                moment += timedelta(minutes=step)
            if moment < utc(start) or step == -1:
                return moment
        raise AssertionError

    def asleep(self, moment: datetime) -> bool:
        if self.quiet is None:
            return False
        begin, end = (time.fromisoformat(text) for text in self.quiet)
        shown = moment.astimezone(ZoneInfo(self.zone)).time()
        return begin < shown < end if begin < end else shown > begin or shown < end


def utc(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo("UTC"))


def take_step(step: tuple[Any, ...], scene: Scene, model: Model) -> None:
    """Take one step in the product and in the model."""
    kind, *facts = step
    match kind:
        case "pass":
            wake_up = model.now + timedelta(hours=facts[0])
            model.sent |= {d[:3] for d in model.due() if d[3] <= wake_up}
            model.now = wake_up
        case "wish":
            model.zone, model.quiet, model.leads = facts
            begin, end = model.quiet or (None, None)
            wishes: Any = {"time_zone": model.zone, "quiet_start": begin, "quiet_end": end}
            wishes |= {"lead_minutes": model.leads}
            act(scene.member, "care.set_reminder_preferences", now=model.now, **wishes)
        case "series":
            from_date = model.now.astimezone(ZoneInfo(TIME_ZONE)).date() + timedelta(days=facts[0])
            model.rules = [rule for rule in model.rules if rule[0] < from_date]
            model.rules.append((from_date, RULES[facts[1]], facts[2]))
            rule = {"rule": f"FREQ=WEEKLY;BYDAY={facts[1]}", "times": [facts[2]]}
            change = {"series": scene.series, "from_date": from_date.isoformat(), **rule}
            act(scene.leader, "care.change_series", now=model.now, **change)
        case "leave" | "join":
            model.member = kind == "join"
            getattr(scene, kind)()
        case _:
            change_one_session(kind, facts, scene, model)


def change_one_session(kind: str, facts: list[Any], scene: Scene, model: Model) -> None:
    day = model.to_come()[facts[0]]
    one = {"series": scene.series, "local_date": day.isoformat()}
    if kind == "move":
        on = max(day, model.now.astimezone(ZoneInfo(TIME_ZONE)).date()) + timedelta(days=facts[1])
        model.moved[day] = datetime.combine(on, time.fromisoformat(facts[2]), ZoneInfo(TIME_ZONE))
        where = {"new_date": on.isoformat(), "new_time": facts[2]}
        act(scene.leader, "care.change_session", now=model.now, **one, **where)
    elif kind == "cancel":
        model.cancelled.add(day)
        act(scene.leader, "care.cancel_session", now=model.now, **one)
    else:
        model.cancelled.discard(day)
        act(scene.leader, "care.restore_session", now=model.now, **one)


def planned(scene: Scene, now: datetime) -> set[tuple[date, int, datetime, datetime]]:
    with as_role("jobs"):
        rows = Reminder.objects.in_scope(scene.member.id).filter(state="planned", due_at__gt=now)
        days = dict(Appointment.objects.in_scope(scene.scope_id).values_list("id", "local_date"))
        return {(days[r.appointment_id], r.lead_minutes, r.starts_at, r.due_at) for r in rows}


def queued(scene: Scene, now: datetime) -> list[datetime]:
    with as_role("jobs"):
        rows = Intent.objects.filter(scope_id=scene.member.id, state="planned", due__gt=now)
        return sorted(rows.values_list("due", flat=True))


def check_plan(steps: list[tuple[Any, ...]]) -> None:
    scene, model = Scene(), Model()
    sent: list[tuple[str, str]] = []
    run_jobs(model.now)
    for step in steps:
        take_step(step, scene, model)
        sent += [push for push in pump(model.now) if push[0] == str(scene.member.id)]
        run_daily(model.now)
        run_jobs(model.now)
        assert planned(scene, model.now) == model.due()
        assert queued(scene, model.now) == sorted(d[3] for d in model.due())
        assert len(set(sent)) == len(sent) == len(model.sent)


@pytest.mark.parametrize("examples", [8, pytest.param(100, marks=pytest.mark.soak)])
def test_after_any_sequence_of_steps_the_plan_matches_the_model(examples: int) -> None:
    load_programme()
    settings(
        max_examples=examples,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )(given(steps=st.lists(STEP, min_size=2, max_size=9))(check_plan))()


def test_preferences_changed_on_two_phones_are_a_conflict(scene: Scene) -> None:
    act(scene.member, "care.set_reminder_preferences", lead_minutes=[30])
    with as_role("jobs"):
        row = FeedEntry.objects.get(scope_id=scene.member.id, kind="reminder_preferences")
    base = {f"reminder_preferences/{row.object_id}": row.seq}
    act(scene.member, "care.set_reminder_preferences", lead_minutes=[45])
    with pytest.raises(Refused) as refusal:
        act(scene.member, "care.set_reminder_preferences", base=base, lead_minutes=[5])
    assert refusal.value.code == "conflict"
    with acting(scene.member):
        assert Preferences.objects.get(scope_id=scene.member.id).lead_minutes == [45]
