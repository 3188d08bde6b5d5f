"""A change of level re-plans from its date on: sessions, reminders, role, and what the patient
reads. Weeks that are over stay as they were."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from procrastinate.contrib.django import app

from notifications.models import Intent
from recovery.actions import Refused
from recovery.care.models import Appointment, EpisodeChapter, LevelChange, Reminder, WeekOfHours
from recovery.feed.models import Membership
from recovery.signin.models import User
from tests.care.wall_time import local
from tests.cast import (
    EVENING_GROUP,
    NORTHLIGHT,
    NOW,
    act,
    admit,
    documents,
    employ,
    load_programme,
    open_group,
    preset,
    run_daily,
    run_jobs,
)
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")
WEEKDAYS = EVENING_GROUP | {"rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"}


@dataclass
class Scene:
    """Ana at intensive outpatient, with a group of her own record and a peer group."""

    clinician: User
    ana: User
    record: UUID

    def series(self, scope: str | None = None, **facts: Any) -> str:
        data = WEEKDAYS | facts | {"scope": scope or f"care:{self.record}"}
        return str(act(self.clinician, "care.create_series", **data).data["series"])

    def change(self, level: str, now: datetime = NOW, **facts: Any) -> dict[str, Any]:
        data = {"record": self.record, "level": level, "reason": "steady"} | facts
        return dict(act(self.clinician, "care.change_level", now=now, **data).data)

    def make_alumna(self, now: datetime = NOW, **facts: Any) -> dict[str, Any]:
        data = {"record": self.record, "reason": "Goals reached"} | facts
        return dict(act(self.clinician, "care.make_alumnus", now=now, **data).data)

    def booked(self, series: str) -> list[str]:
        with as_role("jobs"):
            rows = Appointment.objects.filter(series_id=series, status="booked")
            return [str(row.local_date) for row in rows.order_by("local_date")]

    def reminded(self, now: datetime = NOW) -> set[str]:
        """The sessions, by the date of their start, of which Ana will be reminded."""
        run_jobs(now)
        with as_role("jobs"):
            rows = Reminder.objects.in_scope(self.ana.id).filter(state="planned")
            return {str(local_date(row.starts_at)) for row in rows if row.due_at > now}

    def role(self) -> str:
        with as_role("jobs"):
            return Membership.objects.get(scope_id=NORTHLIGHT, user_id=self.ana.id).role

    def rows(self) -> list[Any]:
        with as_role("jobs"):
            models = (EpisodeChapter, LevelChange, Appointment, WeekOfHours)
            return [list(model.objects.order_by("id").values()) for model in models]


def local_date(moment: datetime) -> Any:
    return moment.astimezone(local("2026-03-02T00:00").tzinfo).date()


@pytest.fixture
def scene() -> Scene:
    load_programme()
    clinician = employ(role="clinician")
    ana, record = admit(clinician)
    return Scene(clinician, ana, record)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    with as_role("jobs"), time_machine.travel(moment, tick=False):
        yield


def test_sessions_that_the_level_does_not_have_stop_on_its_date(scene: Scene) -> None:
    groups = scene.series()
    visits = scene.series(kind="medical", title="Clinic", rule="FREQ=WEEKLY;BYDAY=TU", minutes=60)
    before, visits_before = scene.booked(groups), scene.booked(visits)
    assert scene.reminded() >= {"2026-03-12", "2026-03-13"}
    answer = scene.change("outpatient", from_date="2026-03-12")
    # Outpatient has one-to-one visits, and no group therapy.
    stays = [day for day in before if day < "2026-03-12"]
    assert scene.booked(groups) == stays
    assert scene.booked(visits) == visits_before
    assert answer["sessions_stopped"] == len(before) - len(stays)
    assert {day for day in scene.reminded() if day >= "2026-03-12"} == {
        day for day in visits_before if day >= "2026-03-12"
    }


def test_sessions_that_are_created_later_follow_the_level_too(scene: Scene) -> None:
    groups = scene.series()
    scene.change("outpatient", from_date="2026-03-12")
    run_daily(local("2026-03-16T08:00"))
    assert scene.booked(groups)[-1] < "2026-03-12"


def test_a_step_back_up_gives_the_sessions_back(scene: Scene) -> None:
    groups = scene.series()
    before, reminded = scene.booked(groups), scene.reminded()
    scene.change("outpatient", from_date="2026-03-12")
    answer = scene.change(
        "iop", NOW + timedelta(minutes=1), from_date="2026-03-12", reason="Harder"
    )
    assert scene.booked(groups) == before
    assert scene.reminded() == reminded
    assert (answer["sessions_stopped"], answer["sessions_returned"] > 0) == (0, True)


def test_a_programme_can_name_the_kinds_of_a_level(scene: Scene) -> None:
    levels = preset()["levels"]
    levels[1]["sessions"] = ["group"]
    settings = {"programme": NORTHLIGHT, "settings": {"levels": levels}}
    act(employ(role="admin"), "care.change_settings", **settings)
    groups, talks = scene.series(), scene.series(kind="individual", title="Talk", minutes=50)
    before = scene.booked(groups)
    scene.change("outpatient", from_date="2026-03-12")
    assert scene.booked(groups) == before
    assert scene.booked(talks)[-1] < "2026-03-12"


def test_groups_stay_and_the_answer_says_so(scene: Scene) -> None:
    name = f"group:{open_group(scene.clinician, scene.ana)}"
    groups = scene.series(name)
    before = scene.booked(groups)
    assert scene.reminded() >= {"2026-03-12", "2026-03-13"}
    answer = scene.change("outpatient", from_date="2026-03-12")
    # The others still meet. Ana is still in the group, and is no longer reminded.
    assert scene.booked(groups) == before
    assert answer["stays_in"] == [name]
    assert max(scene.reminded()) < "2026-03-12"
    [change] = documents(scene.ana, "level_change", scene.record)
    assert change["groups"] == [{"scope": name, "stopped": ["Evening group"]}]


def test_an_alumna_has_no_counselling_left_from_today_on(scene: Scene) -> None:
    groups, talks = scene.series(), scene.series(kind="individual", title="Talk", minutes=50)
    support = scene.series(kind="support_group", title="Open meeting")
    assert scene.reminded()
    scene.make_alumna(local("2026-03-04T12:00"))
    assert scene.booked(groups) == scene.booked(talks) == ["2026-03-02", "2026-03-03"]
    assert len(scene.booked(support)) > 15
    late = local("2026-03-04T12:00")
    assert scene.reminded(late) == {day for day in scene.booked(support) if day >= "2026-03-04"}


def test_the_patient_reads_what_changed_in_both_languages(scene: Scene) -> None:
    scene.series()
    scene.change("outpatient", from_date="2026-03-12")
    [change] = documents(scene.ana, "level_change", scene.record)
    assert (change["level_before"], change["level"], change["from_date"]) == (
        "iop",
        "outpatient",
        "2026-03-12",
    )
    assert (change["minutes_before"], change["minutes_target"]) == (540, 120)
    lines = {line["code"]: line["text"] for line in change["lines"]}
    assert lines["level"] == {
        "en": "From March 12, 2026 on, your level of care is: Outpatient.",
        "es": "Desde el 12 de marzo de 2026, tu nivel de atención es: Ambulatorio.",
    }
    assert lines["hours"]["en"] == "Your goal is 2 hours a week."
    assert lines["sessions_stop"]["es"].endswith("Evening group.")
    assert set(lines) == {"level", "hours", "sessions_stop", "kept", "ask"}


def test_the_patient_is_pushed_about_it_and_the_team_is_not(scene: Scene) -> None:
    scene.change("outpatient")
    with as_role("jobs"):
        [intent] = Intent.objects.filter(scope_id=scene.record, type="care.level_changed")
        assert (intent.role, intent.waits, intent.quiet_zone) == (
            "patient",
            True,
            "America/Los_Angeles",
        )


def test_the_same_change_again_is_answered_with_the_first_chapter(scene: Scene) -> None:
    scene.series()
    chapter = scene.change("outpatient", from_date="2026-03-12")["chapter"]
    before = scene.rows()
    for _ in range(3):
        assert scene.change("outpatient", from_date="2026-03-12")["chapter"] == chapter
    with pytest.raises(Refused) as refusal:
        scene.change("outpatient", from_date="2026-03-12", reason="Another reason")
    assert refusal.value.code == "no_change"
    assert scene.rows() == before


def test_a_planned_return_begins_at_local_midnight_and_once(scene: Scene) -> None:
    begin = app.tasks["care.begin_levels"].func
    scene.make_alumna()
    scene.change("iop", local("2026-03-03T10:00"), from_date="2026-03-16")
    assert scene.role() == "alumnus"
    with at(local("2026-03-15T23:59")):
        begin(0)
    assert scene.role() == "alumnus"
    with at(local("2026-03-16T00:00")):
        begin(0)
    assert scene.role() == "patient"
    [record] = documents(scene.ana, "care_record", scene.record)
    assert record["alumnus_since"] is None
    before = scene.rows()
    with as_role("jobs"):
        grant = Membership.objects.get(scope_id=NORTHLIGHT, user_id=scene.ana.id).grant
    for later in ("2026-03-16T00:15", "2026-03-20T00:00"):
        with at(local(later)):
            begin(0)
    assert scene.rows() == before
    with as_role("jobs"):
        assert Membership.objects.get(scope_id=NORTHLIGHT, user_id=scene.ana.id).grant == grant


def test_a_late_run_still_begins_the_return(scene: Scene) -> None:
    scene.make_alumna()
    scene.change("iop", local("2026-03-03T10:00"), from_date="2026-03-16")
    with at(local("2026-03-19T13:00")):
        app.tasks["care.begin_levels"].func(0)
    assert scene.role() == "patient"


def test_a_planned_return_can_be_taken_back(scene: Scene) -> None:
    scene.make_alumna()
    scene.change("iop", local("2026-03-03T10:00"), from_date="2026-03-16")
    scene.make_alumna(local("2026-03-05T10:00"), reason="Not yet")
    with at(local("2026-03-16T00:00")):
        app.tasks["care.begin_levels"].func(0)
    assert scene.role() == "alumnus"
    with pytest.raises(Refused, match="already"):
        scene.make_alumna(local("2026-03-17T10:00"))


def test_weeks_that_are_over_and_sessions_that_were_held_stay(scene: Scene) -> None:
    groups = scene.series()
    run_daily(local("2026-03-11T08:00"))
    first_week = scene.rows()[3]
    scene.change("outpatient", local("2026-03-11T10:00"), from_date="2026-03-09")
    # The sessions of Monday and Tuesday had been held.
    assert scene.booked(groups)[-2:] == ["2026-03-09", "2026-03-10"]
    weeks = {row["week_start"]: row for row in scene.rows()[3]}
    for row in first_week:
        if str(row["week_start"]) == "2026-03-02":
            assert weeks[row["week_start"]] == row
