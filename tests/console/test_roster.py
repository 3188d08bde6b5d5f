"""The roster of one session, as the staff who lead it mark it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import transaction

from recovery.actions.models import AuditEvent
from recovery.care.models import Appointment, Attendance, AttendanceVersion
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.signin.models import User
from tests.architecture.statements import counted
from tests.at_once import at_once
from tests.care.wall_time import local
from tests.cast import (
    ADMISSION,
    EVENING_GROUP,
    ConsoleBrowser,
    act,
    admit,
    employ,
    load_programme,
    make_circle,
    make_olive,
    make_patient,
    open_group,
    user_of,
)
from tests.cast.groups import invite, joining
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")

BEGINS, AFTER = local("2026-03-02T18:00"), local("2026-03-02T20:00")


@dataclass
class Scene:
    """Dana's evening group on Monday, six to nine, which Eli leads too. Both care for everybody;
    `people` are by their family names."""

    dana: User
    eli: User
    session: str
    people: dict[str, UUID]
    users: dict[str, User]

    @property
    def path(self) -> str:
        return f"/sessions/{self.session}/roster"

    @property
    def group(self) -> UUID:
        with as_role("jobs"):
            return Appointment.objects.get(id=self.session).scope_id

    def marks(self) -> dict[str, tuple[str, int, int]]:
        """Status, credited minutes and version by family name."""
        hit = {}
        with as_role("jobs"):
            for name, record in self.people.items():
                for row in Attendance.objects.in_scope(record):
                    hit[name] = (row.status, row.credited_minutes, row.version)
        return hit

    def versions(self, name: str) -> list[tuple[str, int, str]]:
        with as_role("jobs"):
            rows = AttendanceVersion.objects.in_scope(self.people[name]).order_by("version")
            return [(v.status, v.credited_minutes, v.reason) for v in rows]


def scene_of(*names: str) -> Scene:
    load_programme()
    dana, eli = employ(), employ()
    people, users = {}, {}
    for name in names:
        users[name], people[name] = admit(
            dana, given_name="Ana", family_name=name, email=f"p{len(people)}@example.org"
        )
        act(dana, "care.assign_team_member", record=people[name], user=eli.id)
    leads = {eli.id: "facilitator"}
    group = f"group:{open_group(dana, eli, *users.values(), roles=leads)}"
    act(dana, "care.create_series", scope=group, **EVENING_GROUP)
    with as_role("jobs"):
        sessions = Appointment.objects.in_scope(UUID(group.removeprefix("group:")))
        session = str(sessions.get(local_date="2026-03-02").id)
    return Scene(dana, eli, session, people, users)


@pytest.fixture
def scene() -> Scene:
    return scene_of("Adler", "Marsh")


def at(moment: datetime) -> Any:
    return time_machine.travel(moment, tick=False)


def say(browser: ConsoleBrowser, scene: Scene, name: str, answer: str, **more: Any) -> Any:
    fields = {"record": str(scene.people[name]), "seen": "0", "answer": answer} | more
    return browser.do(scene.path, "mark", **fields)


def words(response: Any) -> str:
    """The text of the page, without tags."""
    page = response if isinstance(response, str) else response.content.decode()
    plain = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", plain).replace("&#x27;", "'").replace(" :", ":")


def test_staff_mark_twelve_people_in_twelve_taps() -> None:
    names = [f"Person{n:02}" for n in range(12)]
    scene = scene_of(*names)
    with at(BEGINS):
        browser = ConsoleBrowser(scene.dana)
        taps = [say(browser, scene, name, "here") for name in names]
        assert [tap.status_code for tap in taps] == [200] * 12
        assert "12 of 12 marked. 36 h credited so far." in words(taps[-1])
    assert set(scene.marks().values()) == {("present", 180, 1)}
    assert len(scene.marks()) == 12


def test_the_roster_shows_who_takes_part_with_arrival_attendance_and_hours(scene: Scene) -> None:
    act(scene.users["Marsh"], "care.report_arrival", now=BEGINS, appointment=scene.session)
    with at(AFTER):
        browser = ConsoleBrowser(scene.dana)
        page = words(browser.reads(scene.path))
        assert "Evening group, Monday, March 2, 6:00 to 9:00 PM" in page
        assert "0 of 2 marked." in page
        assert "Ana Marsh Says: I\u2019m here, 6:00 PM" in page
        assert page.count("0 h of 9 h") == 2
        assert page.index("Ana Adler") < page.index("Ana Marsh")
        reply = words(say(browser, scene, "Marsh", "here"))
        assert "1 of 2 marked. 3 h credited so far. Last: Ana Marsh: here. 3 h credited." in reply
        assert "By you at 8:00 PM." in reply
        assert "3 h of 9 h" in reply


def test_late_is_credited_from_the_time_that_was_typed(scene: Scene) -> None:
    with at(AFTER):
        browser = ConsoleBrowser(scene.dana)
        reply = words(say(browser, scene, "Adler", "late", at="18:30"))
        assert "Ana Adler: late, came 6:30 PM. 2 h 30 min credited." in reply
        assert "Came 6:30 PM" in reply
    assert scene.marks() == {"Adler": ("present", 150, 1)}


def test_late_without_a_time_is_just_now_while_the_session_goes_on(scene: Scene) -> None:
    with at(local("2026-03-02T19:15")):
        browser = ConsoleBrowser(scene.dana)
        reply = words(say(browser, scene, "Adler", "late", at=""))
        assert "Ana Adler: late, came 7:15 PM. 1 h 45 min credited." in reply
    with at(local("2026-03-02T21:30")):
        browser = ConsoleBrowser(scene.dana)
        response = say(browser, scene, "Marsh", "late", at="")
        assert response.status_code == 422
        assert "Say at what time." in words(response)
        assert say(browser, scene, "Marsh", "late", at="soon").status_code == 422
    assert set(scene.marks()) == {"Adler"}


def test_a_session_over_midnight_takes_times_of_both_days() -> None:
    scene = scene_of("Adler")
    late = EVENING_GROUP | {"times": ["23:00"], "minutes": 120, "first_date": "2026-03-03"}
    group = f"group:{open_group(scene.dana, *scene.users.values())}"
    act(scene.dana, "care.create_series", scope=group, **late)
    with as_role("jobs"):
        rows = Appointment.objects.in_scope(UUID(group.removeprefix("group:")))
        scene.session = str(rows.get(local_date="2026-03-03").id)
    with at(local("2026-03-04T00:50")):
        browser = ConsoleBrowser(scene.dana)
        reply = words(say(browser, scene, "Adler", "late", at="00:30"))
    assert "late, came 12:30 AM. 30 min credited." in reply


def test_who_leaves_early_keeps_when_they_came(scene: Scene) -> None:
    with at(AFTER):
        browser = ConsoleBrowser(scene.dana)
        say(browser, scene, "Adler", "late", at="18:30")
        reply = words(say(browser, scene, "Adler", "left", at="19:30", seen="1", reason="Felt ill"))
        assert "Ana Adler: late, came 6:30 PM, left 7:30 PM. 1 h credited." in reply
        assert "Left 7:30 PM" in reply
    assert scene.versions("Adler") == [("present", 150, ""), ("present", 60, "Felt ill")]


def test_a_correction_asks_for_a_reason_and_keeps_the_first_mark(scene: Scene) -> None:
    with at(AFTER):
        browser = ConsoleBrowser(scene.dana)
        say(browser, scene, "Adler", "absent")
        response = say(browser, scene, "Adler", "here", seen="1")
        assert response.status_code == 422
        assert "Say why this changes." in words(response)
        assert scene.marks() == {"Adler": ("absent", 0, 1)}
        reply = words(say(browser, scene, "Adler", "here", seen="1", reason="Sat at the back"))
        assert "Ana Adler: here. 3 h credited." in reply
        assert "First marked not here, by you at 8:00 PM. Changed by you: Sat at the back" in reply
    assert scene.versions("Adler") == [("absent", 0, ""), ("present", 180, "Sat at the back")]


def test_what_was_typed_stays_after_a_refusal_and_only_where_it_was_typed(scene: Scene) -> None:
    with at(AFTER):
        browser = ConsoleBrowser(scene.dana)
        say(browser, scene, "Adler", "absent")
        say(browser, scene, "Marsh", "absent")
        act(scene.dana, "care.cancel_session", now=AFTER, **_slot(scene))
        response = say(browser, scene, "Adler", "excused", seen="1", reason="Called in")
        assert response.status_code == 422
    assert "This session is not taking place." in words(response)
    assert scene.marks()["Adler"] == ("absent", 0, 1)


def _slot(scene: Scene) -> dict[str, Any]:
    with as_role("jobs"):
        row = Appointment.objects.get(id=scene.session)
    return {"series": row.series_id, "local_date": row.local_date}


def test_a_change_is_taken_back_and_a_first_mark_is_not(scene: Scene) -> None:
    with at(AFTER):
        browser = ConsoleBrowser(scene.dana)
        first = say(browser, scene, "Adler", "late", at="18:30")
        assert "Undo" not in words(first)
        changed = say(browser, scene, "Adler", "absent", seen="1", reason="Mixed up")
        assert "Undo" in words(changed)
        which = {"record": str(scene.people["Adler"])}
        back = browser.do(scene.path, "undo", seen="2", **which)
        assert "Ana Adler: late, came 6:30 PM. 2 h 30 min credited." in words(back)
        assert "Undo" not in words(back)
        assert browser.do(scene.path, "undo", seen="1", **which).status_code == 422
        browser.do(scene.path, "undo", seen="2", **which)
    assert scene.versions("Adler") == [
        ("present", 150, ""),
        ("absent", 0, "Mixed up"),
        ("present", 150, "Taken back"),
    ]


def test_the_rest_is_marked_in_one_tap_without_those_who_are_marked(scene: Scene) -> None:
    with at(AFTER):
        browser = ConsoleBrowser(scene.dana)
        say(browser, scene, "Adler", "excused")
        reply = words(browser.do(scene.path, "mark_rest"))
        assert "1 person: here. 3 h credited." in reply
        assert "Mark the" not in reply
    assert scene.marks() == {"Adler": ("excused", 0, 1), "Marsh": ("present", 180, 1)}


def test_the_rest_says_who_could_not_be_marked_and_why(scene: Scene) -> None:
    with at(local("2026-03-02T12:00")):
        browser = ConsoleBrowser(scene.dana)
        page = words(browser.reads(scene.path))
        assert "From Monday, March 2, 5:00 PM on you can mark who is here." in page
        assert "Mark the" not in page
        reply = words(browser.do(scene.path, "mark_rest"))
    assert "Ana Adler: This session has not started yet." in reply
    assert scene.marks() == {}


def test_two_staff_mark_the_same_person_at_once(scene: Scene) -> None:
    with at(AFTER):
        dana, eli = ConsoleBrowser(scene.dana), ConsoleBrowser(scene.eli)
        answers = at_once(
            lambda: say(dana, scene, "Adler", "here"),
            lambda: say(eli, scene, "Adler", "absent"),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 422]
        second = words(max(answers, key=lambda answer: answer.status_code))
    assert "Your mark was not saved." in second
    [(status, _, version)] = scene.marks().values()
    assert version == 1
    kept = {"present": "here", "absent": "not here"}[status]
    assert f"Ana Adler is already marked: {kept}, by" in second
    assert len(scene.versions("Adler")) == 1


def test_the_second_of_two_colleagues_reads_who_marked_and_can_still_correct(scene: Scene) -> None:
    with at(AFTER):
        say(ConsoleBrowser(scene.eli), scene, "Adler", "absent")
        browser = ConsoleBrowser(scene.dana)
        response = say(browser, scene, "Adler", "late", at="18:30")
        assert response.status_code == 422
        assert "Ana Adler is already marked: not here, by" in words(response)
        assert 'value="18:30"' in response.content.decode()
        assert scene.marks() == {"Adler": ("absent", 0, 1)}
        say(browser, scene, "Adler", "late", at="18:30", seen="1", reason="Came after all")
    assert scene.marks() == {"Adler": ("present", 150, 2)}


def test_the_same_mark_of_two_colleagues_is_one(scene: Scene) -> None:
    with at(AFTER):
        say(ConsoleBrowser(scene.eli), scene, "Adler", "here")
        response = say(ConsoleBrowser(scene.dana), scene, "Adler", "here")
        assert response.status_code == 200
        assert "Ana Adler: here. 3 h credited." in words(response)
    assert scene.marks() == {"Adler": ("present", 180, 1)}


def test_a_form_sent_twice_counts_once(scene: Scene) -> None:
    with at(AFTER):
        browser = ConsoleBrowser(scene.dana)
        key = "018f0000-0000-7000-8000-00000000000a"
        for _ in range(2):
            assert say(browser, scene, "Adler", "here", key=key).status_code == 200
    assert scene.marks() == {"Adler": ("present", 180, 1)}


def test_nobody_else_is_marked_through_this_page(scene: Scene) -> None:
    _, cleo = admit(scene.dana, given_name="Cleo", email="cleo@example.org")
    with at(AFTER):
        browser = ConsoleBrowser(scene.dana)
        for record in (cleo, "nonsense", ""):
            response = browser.do(scene.path, "mark", record=record, seen="0", answer="here")
            assert response.status_code == 422
            assert "This person does not take part in this session." in words(response)
        assert say(browser, scene, "Adler", "asleep").status_code == 422
        assert say(browser, scene, "Adler", "here", seen="x").status_code == 422
    assert scene.marks() == {}


def test_a_cancelled_session_has_no_buttons(scene: Scene) -> None:
    act(scene.dana, "care.cancel_session", reason="Snow", **_slot(scene))
    with at(AFTER):
        page = ConsoleBrowser(scene.dana).reads(scene.path)
    assert "This session is not taking place. Snow" in words(page)
    assert 'name="answer"' not in page


def test_a_person_without_the_app_is_on_the_roster_of_their_own_session() -> None:
    load_programme()
    dana = employ()
    admitted = act(dana, "care.admit_patient", **ADMISSION).data
    series = EVENING_GROUP | {"kind": "individual", "title": "One to one"}
    act(dana, "care.create_series", scope=f"care:{admitted['record']}", **series)
    with as_role("jobs"):
        rows = Appointment.objects.in_scope(UUID(admitted["record"]))
        session = str(rows.get(local_date="2026-03-02").id)
    scene = Scene(dana, dana, session, {"Reyes": UUID(admitted["record"])}, {})
    with at(AFTER):
        browser = ConsoleBrowser(dana)
        assert "Ana Reyes" in words(browser.reads(scene.path))
        assert say(browser, scene, "Reyes", "here").status_code == 200
    assert scene.marks() == {"Reyes": ("present", 180, 1)}


def test_those_of_other_care_teams_are_named_by_alias_only() -> None:
    circle = make_circle()
    eli = employ(circle.programme)
    act(circle.dana, "groups.add_facilitator", group=circle.group, colleague=eli.id, alias="Eli")
    elm = make_patient(circle.programme, eli)
    act(user_of(elm), "groups.join", **joining(invite(eli, circle.group, elm), "Elm"))
    act(circle.dana, "care.create_series", scope=f"group:{circle.group}", **EVENING_GROUP)
    with as_role("jobs"):
        session = Appointment.objects.in_scope(circle.group).get(local_date="2026-03-02").id
    with at(local("2026-03-02T18:30", "America/New_York")):
        page = words(ConsoleBrowser(circle.dana).reads(f"/sessions/{session}/roster"))
        assert "Not on your list Elm You are not on their care team" in page
        assert "0 of 2 marked." in page
        assert "no hours planned" in page


def reads_of(user: User) -> list[UUID]:
    with as_role("jobs"):
        events = AuditEvent.objects.filter(outcome="read", actor_id=user.id)
        return [event.scope_id for event in events]


def test_there_is_one_read_event_for_each_person_shown(scene: Scene) -> None:
    with at(AFTER):
        browser = ConsoleBrowser(scene.dana)
        say(browser, scene, "Adler", "here")
        before = reads_of(scene.dana)
        browser.reads(scene.path)
    after = reads_of(scene.dana)
    for scope in before:
        after.remove(scope)
    assert sorted(after) == sorted([*scene.people.values(), scene.group])


def test_others_find_nothing_and_leave_no_trace(scene: Scene) -> None:
    places = [*scene.people.values(), scene.group]
    with as_role("jobs"), transaction.atomic(), collecting():
        for place in places:
            scopes.revoke(place, scene.eli.id)
    with at(AFTER):
        for who in (make_olive(), employ(), scene.eli):
            browser = ConsoleBrowser(who)
            assert browser.get(scene.path).status_code == 404
            assert say(browser, scene, "Adler", "here").status_code == 404
            assert reads_of(who) == []
    assert scene.marks() == {}


def test_one_person_and_many_cost_the_same() -> None:
    def cost(scene: Scene) -> int:
        with at(AFTER):
            browser = ConsoleBrowser(scene.dana)
            browser.do(scene.path, "mark_rest")
            with counted() as statements:
                browser.reads(scene.path)
        return len(statements)

    one = scene_of("Adler")
    first = cost(one)
    people = {n: admit(one.dana, family_name=n, email=f"{n}@example.org") for n in "BCDE"}
    users = [user for user, _ in people.values()]
    group = f"group:{open_group(one.dana, *users)}"
    act(one.dana, "care.create_series", scope=group, **EVENING_GROUP)
    with as_role("jobs"):
        rows = Appointment.objects.in_scope(UUID(group.removeprefix("group:")))
        session = str(rows.get(local_date="2026-03-02").id)
    many = Scene(one.dana, one.eli, session, {n: record for n, (_, record) in people.items()}, {})
    assert cost(many) == first
    assert len(many.marks()) == 4


@pytest.mark.parametrize("name", ["<script>x</script>", "\u202eevil", "A" * 100])
def test_hostile_names_and_reasons_are_only_text(name: str) -> None:
    scene = scene_of("Adler")
    hostile = name * (4 if len(name) > 50 else 1)
    reason = f"{hostile} <b>"[:300]
    with at(AFTER):
        browser = ConsoleBrowser(scene.dana)
        say(browser, scene, "Adler", "absent")
        page = say(browser, scene, "Adler", "here", seen="1", reason=reason).content.decode()
        assert "<script>x" not in page
        assert "<b>" not in page.partition("Changed by")[2].partition("</small>")[0]
        long = say(browser, scene, "Adler", "absent", seen="2", reason="x" * 4000)
        assert long.status_code == 422
    assert scene.marks()["Adler"][2] == 2
