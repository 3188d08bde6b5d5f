"""My day: each role its own content, the longest wait first, with the way to the page behind it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.alumni.models import Campaign
from recovery.people.models import Invitation
from recovery.people.rules import staff_scope
from recovery.signin.models import User
from tests.cast import NORTHLIGHT, ConsoleBrowser, act, exercise, make_olive, sign_in
from tests.console.caseload import THURSDAY, Patient, Place, make_place, talk_today
from tests.console.house import queries_of
from tests.console.planning import words
from tests.roles import set_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Iterator[Place]:
    with time_machine.travel(THURSDAY, tick=False):
        exercise("urge-surfing")
        yield make_place()


def asks(person: Patient, text: str, back: int = 0) -> None:
    data = {"id": uuid7(), "record": person.record, "field": "phone", "wanted": text}
    now = THURSDAY - timedelta(days=back)
    act(person.user, "care.request_correction", now=now, **data)


def new_code(person: Patient, by: User) -> uuid.UUID:
    """For a person whose account was used before, so that a second person has to approve it."""
    sign_in(person.user)
    with transaction.atomic(), set_scene():
        first = Invitation.objects.filter(user_id=person.user.id).get()
    made = act(by, "people.renew_invitation", now=THURSDAY, invitation=first.id, by_email=False)
    return uuid.UUID((made.data or {})["invitation"])


def announce(author: User, state: str, **facts: Any) -> Campaign:
    with transaction.atomic(), set_scene():
        return Campaign.objects.create(
            id=uuid7(), scope_id=staff_scope(NORTHLIGHT), programme_id=NORTHLIGHT, state=state,
            text={"en": "Winter supper.", "es": "Cena."}, drafted_by=author.id,
            drafted_at=THURSDAY, announced_at=THURSDAY, **facts,
        )  # fmt: skip


def fine(person: Patient) -> Patient:
    """Without a reason for contact today."""
    person.check_in("2026-03-05")
    return person


def test_who_has_waited_longest_is_first_with_the_reason_in_words(place: Place) -> None:
    late, later = place.admit("Ben", "Marsh"), place.admit("Ana", "Reyes")
    late.check_in("2026-02-20")
    later.check_in("2026-02-27")
    later.change(phone="555-0142")
    page = place.desk().reads("/")
    assert page.index("Ben Marsh") < page.index("Ana Reyes")
    assert "No check-in for 13 days." in page
    assert "since Feb\N{NO-BREAK SPACE}24" in page
    assert f'href="{late.path}"' in page
    assert 'href="tel:5550142"' in page


def test_five_people_are_shown_and_the_caseload_has_them_all(place: Place) -> None:
    people = [place.admit(f"P{n}", f"Q{n}") for n in range(7)]
    page = place.desk().reads("/")
    assert page.count('id="person-') == 5
    assert "All 7 to contact" in page
    shown = [person.reads(place.dana) for person in people]
    assert sorted(len(events) for events in shown) == [0, 0, 1, 1, 1, 1, 1]


def test_what_waits_for_an_answer_says_how_long_the_oldest_waits(place: Place) -> None:
    ana = place.admit()
    ana.check_in("2026-03-03")
    ana.check_in("2026-03-05")
    ana.do_exercise()
    with time_machine.travel(THURSDAY + timedelta(hours=3), tick=False):
        page = words(place.desk().reads("/"))
    assert "1 tool to review The oldest has waited 3 hours." in page
    assert "1 check-in to sign The oldest is of Tuesday, March 3." in page


def test_todays_sessions_lead_to_their_pages_and_rosters(place: Place) -> None:
    ana = fine(place.admit())
    session = talk_today(ana)
    page = place.desk().reads("/")
    assert "3:00 PM" in page
    assert "Ana Reyes, Room 4" in page
    for path in (f"/sessions/{session}", f"/sessions/{session}/roster", "/timetable"):
        assert f'href="{path}"' in page
        assert place.desk().get(path).status_code == 200


def test_corrections_that_people_ask_for_are_there_until_they_are_answered(place: Place) -> None:
    ana, ben = fine(place.admit()), fine(place.admit("Ben", "Marsh"))
    asks(ana, "It is 555-0117 now")
    asks(ben, "It is 555-0118 now", back=2)
    page = place.desk().reads("/")
    assert page.index("Ben Marsh") < page.index("Ana Reyes")
    assert "Telephone" in page
    assert "It is 555-0117 now" in page
    assert f'href="{ana.path}/details"' in page
    assert "Nobody is waiting." not in page
    first, second = re.findall(r'id="correction-([^"]+)"', page)
    answer = {"request": first, "accepted": False, "reason": "It is right."}
    act(place.dana, "care.answer_correction_request", now=THURSDAY, **answer)
    page = place.desk().reads("/")
    assert re.findall(r'id="correction-([^"]+)"', page) == [second]


def test_a_code_waits_for_a_second_person_and_not_for_who_made_it(place: Place) -> None:
    ana, eli = fine(place.admit()), place.hire("Eli", "Ward")
    code = new_code(ana, place.dana)
    before = ana.reads(eli)
    page = place.desk(eli).reads("/")
    assert "Codes that need a second person" in page
    assert f'href="/programme/invitations/{code}"' in page
    assert "Dana Reed made a new code." in page
    # Eli is not on her care team, and learns no name.
    assert "Ana" not in page
    assert ana.reads(eli) == before
    assert "Codes that need" not in place.desk().reads("/")


def test_coordinators_see_what_goes_out_and_what_was_stopped(place: Place) -> None:
    ines = place.hire("Ines", "Quill", "alumni_coordinator")
    runs = announce(ines, "sending", planned=40, reached=12)
    stopped = announce(ines, "stopped", planned=40, reached=12, stopped_at=THURSDAY)
    old = announce(ines, "stopped", planned=40, stopped_at=THURSDAY - timedelta(days=3))
    draft = announce(ines, "draft")
    page = place.desk(ines).reads("/")
    assert "12 of 40 people have it." in page
    assert "Stopped after 12 of 40." in page
    for row, is_there in ((runs, True), (stopped, True), (old, False), (draft, False)):
        assert (f'href="/announcements/{row.id}"' in page) is is_there
    assert "/announcements/" not in place.desk().reads("/")


def test_nobody_waits_and_the_next_session_is_named(place: Place) -> None:
    assert "No session is planned in the next 14 days" in place.desk().reads("/")
    ana = fine(place.admit())
    ana.plan_talks()
    page = words(place.desk().reads("/"))
    assert "Nobody is waiting. Next: Talk with Dana, Friday, March 6, 9:00 AM." in page
    session = talk_today(ana)
    html = place.desk().reads("/")
    assert "Nobody is waiting. Next: Talk at 3:00 PM. Open the roster" in words(html)
    assert f'href="/sessions/{session}/roster"' in html


def test_one_event_for_each_person_and_what_concerns_nobody_leaves_none(place: Place) -> None:
    ana, ben = place.admit(), fine(place.admit("Ben", "Marsh"))
    ana.check_in("2026-02-20")
    asks(ana, "Other number")
    talk_today(ana)
    place.desk().reads("/")
    [(action, objects)] = ana.reads(place.dana)
    assert action == "read my_day"
    kinds = [kind for kind, _, _ in objects]
    assert {"carerecord", "correctionrequest", "appointment"} <= set(kinds)
    assert len({(kind, id_) for kind, id_, _ in objects}) == len(objects)
    assert ben.reads(place.dana) == []


def wait_for_approval(place: Place, name: str, colleague: User) -> None:
    """Dana could approve a code that a colleague on the same care team has made."""
    person = place.admit(name, name)
    place.join(person, colleague)
    new_code(person, colleague)


def fill(place: Place, name: str) -> None:
    person = place.admit(name, name)
    person.check_in("2026-02-20")
    person.do_exercise()
    asks(person, "Other number")
    talk_today(person)


def test_a_long_day_takes_no_more_queries_than_a_short_one(place: Place) -> None:
    eli = place.hire("Eli", "Ward")
    fill(place, "One")
    wait_for_approval(place, "Two", eli)
    desk = place.desk()
    desk.reads("/")
    few = queries_of(desk, "/")
    for n in range(6):
        fill(place, f"More{n}")
        wait_for_approval(place, f"Late{n}", eli)
    assert queries_of(desk, "/") == few


def test_strangers_and_former_colleagues_see_nobody(place: Place) -> None:
    ana, eli = place.admit(), place.hire("Eli", "Ward")
    place.join(ana, eli)
    desk = place.desk(eli)
    assert "Ana Reyes" in desk.reads("/")
    seen = ana.reads(eli)
    act(place.dana, "care.end_team_member", record=ana.record, member=ana.member(eli))
    olive = make_olive()
    for page in (desk.reads("/"), ConsoleBrowser(olive).reads("/")):
        assert "Ana" not in page
        assert "Nobody is waiting." in page
    assert ana.reads(eli) == seen
    assert ana.reads(olive) == []


def test_hostile_words_are_shown_as_they_are(place: Place) -> None:
    ana = place.admit()
    hostile = "<script>alert(1)</script>\u202e" + "x" * 900
    asks(ana, hostile)
    ana.change(given_name=hostile * 4, phone='555"><b>')
    page = place.desk().reads("/")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert '555"><b>' not in page
