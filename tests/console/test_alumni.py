"""The alumni board shows circles and announcements, and nothing of anybody's care."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.actions.models import AuditEvent
from recovery.care.models import Programme
from recovery.signin.models import User
from tests.cast import (
    WORDS,
    ConsoleBrowser,
    act,
    hire,
    invite,
    joining,
    load_wordings,
    make_fay,
    make_olive,
    make_patient,
    user_of,
)
from tests.roles import set_scene

pytestmark = pytest.mark.django_db


@dataclass
class House:
    """Opal coordinates the alumni and leads their circle; Ana is in it. Dana leads another."""

    programme: Programme
    fay: User
    opal: User
    dana: User
    ana: User
    circle: UUID


@pytest.fixture
def house() -> House:
    load_wordings()
    fay, programme = make_fay()
    opal = hire(fay, programme.id, "alumni_coordinator", ("Opal", "Reed"))
    dana = hire(fay, programme.id, name=("Dana", "Cole"))
    circle = open_circle(opal, programme, "Alumni table")
    open_circle(dana, programme, "Evening circle")
    record = make_patient(programme, opal, role="alumnus")
    ana = user_of(record)
    act(ana, "groups.join", **joining(invite(opal, circle, record), "Wren"))
    return House(programme, fay, opal, dana, ana, circle)


def open_circle(leader: User, programme: Programme, name: str) -> UUID:
    group: UUID = uuid7()
    data: dict[str, Any] = {"id": group, "programme": programme.id, "name": name}
    act(leader, "groups.create", **data, alias=f"{name} host")
    return group


def plan(leader: User, group: UUID, days: int, place: str = "The long table") -> None:
    """One meeting, at seven in the evening in this number of days."""
    day = str((timezone.now() + timedelta(days=days)).date())
    series = {"kind": "group", "title": "Evening", "rule": "FREQ=DAILY;COUNT=1", "minutes": 90}
    when = {"first_date": day, "times": ["19:00"], "place": place}
    act(leader, "care.create_series", now=timezone.now(), scope=f"group:{group}", **series, **when)


def reads_of(scope: UUID) -> int:
    with transaction.atomic(), set_scene():
        return AuditEvent.objects.in_scope(scope).filter(outcome="read").count()


def test_a_coordinator_sees_the_circles_they_lead(house: House) -> None:
    plan(house.opal, house.circle, 3)
    act(
        house.ana,
        "groups.post_message",
        group=house.circle,
        id=uuid7(),
        text=WORDS,
    )
    before = reads_of(house.circle)
    page = ConsoleBrowser(house.opal).reads("/alumni")
    assert "Alumni table" in page
    assert "Meets at 7:00 PM, The long table." in page
    assert "1 member, 3 places." in page
    assert reads_of(house.circle) == before + 1
    for hidden in ("Evening circle", "Wren", WORDS, "Goldsworthy"):
        assert hidden not in page
    assert f"group:{house.circle}" in page


def test_what_meets_next_comes_first(house: House) -> None:
    sooner = open_circle(house.opal, house.programme, "Sunday walk")
    never = open_circle(house.opal, house.programme, "Book circle")
    plan(house.opal, house.circle, 5)
    plan(house.opal, sooner, 2, place="")
    page = ConsoleBrowser(house.opal).reads("/alumni")
    places = [page.index(f"circle-{group}") for group in (sooner, house.circle, never)]
    assert places == sorted(places)
    assert "Meets at 7:00 PM." in page
    assert "No meeting is planned." in page


def test_the_board_shows_what_is_written_and_what_was_sent(house: House) -> None:
    browser = ConsoleBrowser(house.opal)
    empty = browser.reads("/alumni")
    assert "None is going out, and no draft is waiting." in empty
    assert "Nothing has been sent yet." in empty
    for title in ("Winter supper", "Walk at the lake", "Book evening"):
        words = {"en": title, "es": title}
        data = {"id": uuid7(), "programme": house.programme.id, "text": words}
        act(house.opal, "alumni.draft_announcement", **data)
        if title != "Winter supper":
            act(house.opal, "alumni.announce", campaign=data["id"])
        if title == "Book evening":
            act(house.opal, "alumni.stop_announcement", campaign=data["id"])
    page = browser.reads("/alumni")
    assert page.index("Walk at the lake") < page.index("Winter supper") < page.index("Book evening")
    assert "About to start" in page
    assert "Stopped before anybody had it" in page


def test_small_numbers_are_hidden(house: House) -> None:
    page = ConsoleBrowser(house.opal).reads("/alumni")
    assert "Harbor House has fewer than 5 alumni on the app" in page


def test_others_see_nothing_of_it(house: House) -> None:
    former = hire(house.fay, house.programme.id, "alumni_coordinator")
    act(house.fay, "people.end_staff", programme=house.programme.id, user=former.id)
    before = reads_of(house.circle)
    for who in (make_olive("alumni_coordinator"), former, house.dana):
        page = ConsoleBrowser(who).get("/alumni").content.decode()
        assert "Alumni table" not in page
        assert "Write to alumni" not in page
    assert ConsoleBrowser(house.ana).get("/alumni").status_code == 404
    assert reads_of(house.circle) == before


def test_many_circles_cost_as_much_as_one(house: House) -> None:
    plan(house.opal, house.circle, 3)
    browser, counts = ConsoleBrowser(house.opal), []
    with time_machine.travel(timezone.now(), tick=False):
        for more in (0, 8):
            for number in range(more):
                plan(house.opal, open_circle(house.opal, house.programme, f"No. {number}"), 3)
            with CaptureQueriesContext(connection) as queries:
                browser.reads("/alumni")
            counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_name_of_a_circle_runs_nothing(house: House) -> None:
    open_circle(house.opal, house.programme, "<script>alert(1)</script>")
    page = ConsoleBrowser(house.opal).reads("/alumni")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
