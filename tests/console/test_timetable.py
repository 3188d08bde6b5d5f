"""The timetable of the console: a week, a session, and what can be done to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.care.models import Appointment, SessionException, SessionSeries
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import NOW, Circle, ConsoleBrowser, act, employ, hire, in_care, make_patient
from tests.console.planning import (
    TALK,
    everything,
    form_of,
    make_series,
    pushes,
    rows,
    send,
    session_on,
    words,
)
from tests.console.scenes import at_work, cost, reads_in
from tests.roles import set_scene

pytestmark = pytest.mark.django_db

# NOW is Monday, March 2, 10:00 AM at the programme.


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def dana(circle: Circle) -> ConsoleBrowser:
    return at_work(circle.dana, circle.programme)


def test_a_week_shows_the_sessions_of_groups_and_people_by_day(
    circle: Circle, dana: ConsoleBrowser
) -> None:
    make_series(circle)
    make_series(circle, f"care:{circle.records['ana'].id}", **TALK)
    page = words(dana.reads("/timetable"))
    assert "March 2 to 8" in page
    wednesday = page[page.index("Wed 4") : page.index("Thu 5")]
    assert wednesday == (
        "Wed 4 2:00 PM Talk Canary Goldsworthy 5:30 PM Evening group Tuesday evening, Room 2 "
    )
    assert "Mon 2 , today" in page
    assert page.index("Sat 7") < page.index("No session")


def test_one_goes_to_other_weeks(circle: Circle, dana: ConsoleBrowser) -> None:
    make_series(circle, rule="FREQ=WEEKLY;BYDAY=TU", first_date="2026-03-10")
    assert "No sessions this week." in dana.reads("/timetable")
    assert "?week=2026-03-09" in dana.reads("/timetable")
    assert "March 9 to 15" in words(dana.reads("/timetable?week=2026-03-12"))
    assert "Evening group" in dana.reads("/timetable?week=2026-03-12")
    assert "March 30 to April 5" in words(dana.reads("/timetable?week=2026-03-31"))


@pytest.mark.parametrize("week", ["", "soon", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_any_week_in_the_address_is_a_page(dana: ConsoleBrowser, week: str) -> None:
    assert "<h1>Timetable</h1>" in dana.reads(f"/timetable?week={week}")


def test_one_looks_at_one_group_or_person_alone(circle: Circle, dana: ConsoleBrowser) -> None:
    make_series(circle)
    ana = f"care:{circle.records['ana'].id}"
    make_series(circle, ana, **TALK)
    page = words(dana.reads(f"/timetable?who={ana}"))
    assert "2:00 PM Talk" in page
    assert "5:30 PM Evening group" not in page
    assert f"who={ana.replace(':', '%3A')}" in dana.reads(f"/timetable?who={ana}")
    for nobody in ("care:7", f"care:{uuid7()}", "cellar:1", "x"):
        assert "5:30 PM Evening group" in words(dana.reads(f"/timetable?who={nobody}"))


def test_what_is_different_from_the_series_is_said_in_words(
    circle: Circle, dana: ConsoleBrowser
) -> None:
    series = make_series(circle)
    on = {"series": series}
    act(circle.dana, "care.cancel_session", **on, local_date="2026-03-03")
    moved = {"local_date": "2026-03-04", "new_date": "2026-03-05", "new_time": "19:00"}
    act(circle.dana, "care.change_session", **on, **moved)
    act(circle.dana, "care.change_session", **on, local_date="2026-03-06", place="Room 5")
    page = dana.reads("/timetable")
    slots = {day: words(text) for day, text in _slots(page)}
    assert slots[session_on("2026-03-03", series)].endswith("Room 2 Canceled")
    assert 'data-state="off"' in page
    assert slots[session_on("2026-03-04", series)].endswith("Moved from Wed, Mar 4, 5:30 PM")
    assert slots[session_on("2026-03-06", series)].endswith("Room 5 Other place")
    assert slots[session_on("2026-03-05", series)].endswith("Room 2")


def _slots(page: str) -> list[tuple[str, str]]:
    return re.findall(r'class="slot" href="/sessions/([^"]+)"(?:[^>]*)>(.*?)</a>', page, re.DOTALL)


def test_a_week_costs_the_same_with_one_session_and_with_many(
    circle: Circle, dana: ConsoleBrowser
) -> None:
    dana.reads("/timetable")
    make_series(circle, rule="FREQ=WEEKLY;BYDAY=MO")
    first = cost(dana, "/timetable")
    make_series(circle, times=["08:00", "12:00", "15:00"])
    for _ in range(3):
        record = make_patient(circle.programme, circle.dana)
        make_series(circle, f"care:{record.id}", **TALK)
    assert cost(dana, "/timetable") == first


def test_a_page_is_read_once_in_each_scope_that_it_shows(
    circle: Circle, dana: ConsoleBrowser
) -> None:
    make_series(circle)
    record = circle.records["ana"]
    series = make_series(circle, f"care:{record.id}", **TALK)
    dana.reads("/timetable")
    assert reads_in(record.id, circle.ana) == [(circle.dana.id, "read timetable")]
    assert reads_in(circle.group, circle.ana) == [(circle.dana.id, "read timetable")]
    assert reads_in(circle.records["ben"].id, circle.ben) == []
    dana.reads(f"/sessions/{session_on('2026-03-04', series)}")
    dana.reads(f"/series/{series}")
    assert [page for _, page in reads_in(record.id, circle.ana)] == [
        "read timetable",
        "read session",
        "read series",
    ]


def test_others_find_nothing(circle: Circle, olive: User) -> None:
    series = make_series(circle)
    colleague = employ(circle.programme, "clinician")
    former = hire_into(circle)
    assert "Evening group" in at_work(former, circle.programme).reads("/timetable")
    before = len(reads_in(circle.group, circle.ana))
    act(former, "groups.step_back", group=circle.group)
    at_work(colleague, circle.programme, "clinician")
    for other in (olive, colleague, former):
        browser = ConsoleBrowser(other)
        assert "Evening group" not in browser.reads("/timetable")
        for path in (f"/sessions/{session_on('2026-03-04', series)}", f"/series/{series}"):
            assert browser.get(path).status_code == 404
    assert len(reads_in(circle.group, circle.ana)) == before
    patient = ConsoleBrowser(circle.ana)
    assert patient.get("/timetable").status_code == 404


def hire_into(circle: Circle) -> User:
    """A colleague who leads the group, too."""
    eli = employ(circle.programme, "clinician")
    act(circle.dana, "groups.add_facilitator", group=circle.group, colleague=eli.id, alias="Eli")
    return eli


def test_others_change_nothing(circle: Circle, dana: ConsoleBrowser, olive: User) -> None:
    series = make_series(circle)
    path = f"/sessions/{session_on('2026-03-04', series)}"
    fields = form_of(dana.reads(path), "cancel")
    before = everything(circle.dana)
    assert ConsoleBrowser(olive).do(path, "cancel", **fields).status_code == 404
    assert everything(circle.dana) == before


def test_a_session_moves_and_the_page_says_who_hears_of_it(
    circle: Circle, dana: ConsoleBrowser
) -> None:
    series = make_series(circle)
    path = f"/sessions/{session_on('2026-03-04', series)}"
    before = pushes(circle.dana, circle.group)
    typed = {"new_time": "19:00", "place": "Room 4", "reason": "Room 2 is painted."}
    answer = send(dana, path, "change", **typed)
    assert answer.status_code == 200
    page = words(answer.content.decode())
    assert "Changed. A notice goes to 2 people." in page
    assert "Wednesday, March 4, 7:00 PM to 10:00 PM" in page
    assert "Moved from 5:30 PM Other place Room 2 is painted." in page
    [row] = rows(circle.dana, Appointment, local_date=date(2026, 3, 4))
    assert (row["place"], row["reason"]) == ("Room 4", "Room 2 is painted.")
    assert pushes(circle.dana, circle.group) == before + 1


def test_only_what_was_typed_differently_becomes_an_exception(
    circle: Circle, dana: ConsoleBrowser
) -> None:
    series = make_series(circle)
    send(dana, f"/sessions/{session_on('2026-03-04', series)}", "change", place="Room 4")
    [row] = rows(circle.dana, SessionException)
    assert (row["place"], row["new_date"], row["new_time"], row["video_link"]) == (
        "Room 4",
        None,
        None,
        None,
    )


def test_a_form_that_was_open_for_long_undoes_nothing(circle: Circle, dana: ConsoleBrowser) -> None:
    series = make_series(circle)
    path = f"/sessions/{session_on('2026-03-04', series)}"
    fields = form_of(dana.reads(path), "change")
    act(circle.dana, "care.change_session", series=series, local_date="2026-03-04", place="Room 9")
    dana.do(path, "change", **fields | {"new_time": "18:00"})
    [row] = rows(circle.dana, Appointment, local_date=date(2026, 3, 4))
    assert row["place"] == "Room 9"
    assert "Wednesday, March 4, 6:00 PM" in dana.reads(path)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"new_date": "2026-03-01"}, "The new time is in the past."),
        ({"new_date": "2026-06-01"}, "A session can move by at most 31 days."),
        ({}, "Nothing is different, so nothing was changed."),
        ({"video_link": "room two"}, "Enter a valid URL."),
        ({"place": "x" * 201}, "Ensure this field has no more than 200 characters."),
    ],
)
def test_a_change_that_is_refused_changes_nothing_and_keeps_what_was_typed(
    circle: Circle, dana: ConsoleBrowser, typed: dict[str, str], sentence: str
) -> None:
    series = make_series(circle)
    path = f"/sessions/{session_on('2026-03-04', series)}"
    before = everything(circle.dana)
    answer = send(dana, path, "change", **typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "A notice goes to 2 people. A notice" not in words(page)
    assert form_of(page, "change").items() >= typed.items()
    assert everything(circle.dana) == before


def test_a_refusal_with_a_number_in_it_is_read_in_spanish(
    circle: Circle, dana: ConsoleBrowser
) -> None:
    path = f"/sessions/{session_on('2026-03-04', make_series(circle))}"
    with transaction.atomic(), set_scene():
        User.objects.filter(id=circle.dana.id).update(locale="es")
    answer = send(dana, path, "change", new_date="2026-06-01")
    assert answer.status_code == 422
    assert "Una sesión se puede mover 31 días como máximo." in answer.content.decode()


def test_a_session_is_canceled_with_a_reason_and_takes_place_after_all(
    circle: Circle, dana: ConsoleBrowser
) -> None:
    series = make_series(circle)
    path = f"/sessions/{session_on('2026-03-04', series)}"
    page = words(send(dana, path, "cancel", cancel_reason="The heating is off.").content.decode())
    assert "Canceled. A notice goes to 2 people." in page
    assert "Canceled The heating is off." in page
    [row] = rows(circle.dana, Appointment, local_date=date(2026, 3, 4))
    assert (row["status"], row["reason"]) == ("cancelled", "The heating is off.")
    assert "Change this session only" not in page
    page = words(send(dana, path, "restore").content.decode())
    assert "It takes place again. A notice goes to 2 people." in page
    [row] = rows(circle.dana, Appointment, local_date=date(2026, 3, 4))
    assert row["status"] == "booked"


def test_what_is_sent_twice_is_done_once(circle: Circle, dana: ConsoleBrowser) -> None:
    series = make_series(circle)
    path = f"/sessions/{session_on('2026-03-04', series)}"
    fields, key = form_of(dana.reads(path), "cancel"), uuid7()
    before = pushes(circle.dana, circle.group)
    for _ in range(2):
        assert dana.do(path, "cancel", key=key, **fields).status_code == 200
    assert pushes(circle.dana, circle.group) == before + 1


def test_a_session_that_is_over_can_only_be_read(
    circle: Circle, dana: ConsoleBrowser, clock: Any
) -> None:
    series = make_series(circle)
    path = f"/sessions/{session_on('2026-03-02', series)}"
    fields = form_of(dana.reads(path), "cancel")
    clock.shift(timedelta(hours=10, minutes=30))
    dana = ConsoleBrowser(circle.dana)
    assert "This session is over. It can no longer be changed." in dana.reads(path)
    before = everything(circle.dana)
    answer = dana.do(path, "cancel", **fields)
    assert answer.status_code == 422
    assert "This session is over." in answer.content.decode()
    assert everything(circle.dana) == before


def test_the_page_says_if_nobody_is_reached(circle: Circle, dana: ConsoleBrowser) -> None:
    starts_later = make_patient(circle.programme, circle.dana, confirmed=False)
    series = make_series(circle, f"care:{starts_later.id}", **TALK)
    path = f"/sessions/{session_on('2026-03-04', series)}"
    page = words(send(dana, path, "cancel").content.decode())
    call_them = "does not use the app yet, so no notice goes out. Call them."
    assert f"Canceled. Canary Goldsworthy {call_them}" in page
    gone = circle.records["ben"]
    series = make_series(circle, f"care:{gone.id}", **TALK)
    with transaction.atomic(), set_scene():
        User.objects.filter(id=gone.user_id).update(is_active=False)
    page = dana.reads(f"/sessions/{session_on('2026-03-04', series)}")
    assert "The account of Canary Goldsworthy is closed, so no notice goes out." in page


def test_a_session_of_one_person_names_them(circle: Circle, dana: ConsoleBrowser) -> None:
    series = make_series(circle, f"care:{circle.records['ana'].id}", **TALK)
    page = words(dana.reads(f"/sessions/{session_on('2026-03-04', series)}"))
    assert "A notice goes to Canary Goldsworthy." in page
    assert "Cancel and tell Canary Goldsworthy" in page


def test_what_the_room_or_the_people_have_at_the_same_time_is_shown(
    circle: Circle, dana: ConsoleBrowser
) -> None:
    series = make_series(circle)
    path = f"/sessions/{session_on('2026-03-04', series)}"
    ana, cleo = (f"care:{circle.records[name].id}" for name in ("ana", "cleo"))
    make_series(circle, cleo, **TALK | {"times": ["17:00"]})  # Cleo is not in the group
    make_series(circle, ana, **TALK | {"times": ["20:30"]})  # begins when the group ends
    assert "At the same time" not in dana.reads(path)
    make_series(circle, cleo, **TALK | {"times": ["20:00"], "place": "Room 2"})
    make_series(circle, ana, **TALK | {"times": ["17:00"]})
    page = words(dana.reads(path))
    name = "Canary Goldsworthy"
    assert f"Talk , {name}, 8:00 PM to 8:50 PM. It is in Room 2, too." in page
    assert f"Talk , {name}, 5:00 PM to 5:50 PM. 1 person is expected at both." in page
    art = make_series(circle, title="Art", times=["18:00"], place="Room 7")
    both = "Art , Tuesday evening, 6:00 PM to 9:00 PM. 2 people are expected at both."
    assert both in words(dana.reads(path))
    act(circle.dana, "care.cancel_session", series=art, local_date="2026-03-04")
    assert "Art" not in words(dana.reads(path))


def test_a_session_costs_the_same_whatever_else_takes_place(
    circle: Circle, dana: ConsoleBrowser
) -> None:
    series = make_series(circle)
    path = f"/sessions/{session_on('2026-03-04', series)}"
    make_series(circle, title="Art")
    first = cost(dana, path)
    for n in range(3):
        record = make_patient(circle.programme, circle.dana)
        make_series(circle, f"care:{record.id}", title=f"Talk {n}")
    assert cost(dana, path) == first


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\u202eevil", "x" * 4000])
def test_nothing_that_is_written_breaks_the_page(
    circle: Circle, dana: ConsoleBrowser, text: str
) -> None:
    series = make_series(circle)
    with transaction.atomic():
        set_actor(circle.dana.id)
        for model in (Appointment, SessionSeries):
            model.objects.in_scope(circle.group).update(title=text, place=text)
    for path in (
        "/timetable",
        f"/sessions/{session_on('2026-03-04', series)}",
        f"/series/{series}",
    ):
        page = dana.reads(path)
        assert "<script>alert" not in page
        assert text in unescape(page)


def test_a_former_member_of_staff_has_an_empty_timetable(circle: Circle) -> None:
    admin = employ(circle.programme, "admin")
    lone = hire(admin, circle.programme.id)
    with transaction.atomic(), collecting(), set_scene():
        set_actor(admin.id)
        scopes.change_staff_places(circle.programme.id, lone.id, None)
    make_series(circle)
    assert "No sessions this week." in ConsoleBrowser(lone).reads("/timetable")


def test_times_of_a_series_in_another_zone_are_marked(circle: Circle, dana: ConsoleBrowser) -> None:
    series = make_series(circle, time_zone="America/Los_Angeles")
    page = dana.reads(f"/sessions/{session_on('2026-03-04', series)}")
    assert "Wednesday, March 4, 8:30 PM" in page
    assert "Date and time are those of America/Los_Angeles." in page
    assert form_of(page, "change")["new_time"] == "17:30"


def test_staff_who_plan_sessions_have_it_in_the_menu() -> None:
    care = in_care()
    browser = at_work(care.case_manager, care.record.programme, "case_manager")
    assert 'href="/timetable"' in browser.reads("/")
