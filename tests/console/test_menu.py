"""The menu marks the section that a page belongs to; pages lead to those beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import time_machine

from recovery.console.menu import MENU
from recovery.console.urls import urlpatterns
from tests.cast import ConsoleBrowser, make_olive
from tests.console.caseload import TABS, THURSDAY, Place, make_place, talk_today
from tests.console.routes import DOOR, path_of

pytestmark = pytest.mark.django_db
# In no section: what the menu has below its entries, and what is no page.
OWN = {"account", "here", "signed-in"}


@pytest.fixture
def place() -> Iterator[Place]:
    with time_machine.travel(THURSDAY, tick=False):
        yield make_place()


@pytest.mark.parametrize("route", sorted({str(each.pattern) for each in urlpatterns} - DOOR - OWN))
def test_every_page_is_in_one_section(route: str) -> None:
    path = path_of(route)
    marks = [entry.name for _, entries in MENU for entry in entries if entry.current(path)]
    assert len(marks) == 1, marks


def current(page: str) -> list[tuple[str, str]]:
    menu = page.partition('<nav class="side"')[2].partition("</nav>")[0]
    return re.findall(r'href="([^"]+)"[^>]* aria-current="(\w+)"', menu)


def test_a_page_of_a_person_marks_the_caseload(place: Place) -> None:
    ana = place.admit()
    desk = place.desk()
    assert current(desk.reads("/people")) == [("/people", "page")]
    for tab in TABS:
        assert current(desk.reads(ana.path + tab)) == [("/people", "true")]
    assert current(desk.reads("/account")) == [("/account", "page")]


def test_a_session_its_roster_the_person_and_the_timetable_lead_to_each_other(
    place: Place,
) -> None:
    ana = place.admit()
    session = f"/sessions/{talk_today(ana)}"
    desk = place.desk()
    leads = {
        session: (f"{session}/roster", ana.path, "/timetable?week="),
        f"{session}/roster": (session, ana.path),
        "/timetable": (session,),
        ana.path: (session, f"/assign?person={ana.record}", f"/review?person={ana.record}"),
        f"{ana.path}/sessions": (session, f"/timetable?who=care:{ana.record}"),
        "/people?list=all": (session, ana.path),
    }
    for path, links in leads.items():
        page = desk.reads(path)
        for link in links:
            assert f'href="{link}' in page, (path, link)
            if not link.endswith("="):
                assert desk.get(link).status_code == 200, link


def test_who_may_not_assign_is_not_led_there(place: Place) -> None:
    ana, kim = place.admit(), place.hire("Kim", "Osei", "case_manager")
    place.join(ana, kim)
    page = place.desk(kim).reads(ana.path)
    assert "/assign?" not in page
    assert "/review?" not in page


def test_review_of_one_person_shows_no_other(place: Place) -> None:
    ana, ben = place.admit(), place.admit("Ben", "Marsh")
    for each in (ana, ben):
        each.check_in("2026-03-03")
    desk = place.desk()
    page = desk.reads(f"/review/check-ins?person={ana.record}")
    assert "Only what Ana Reyes sent." in page
    assert "Ben Marsh" not in page
    assert ben.reads(place.dana) == []
    assert len(ana.reads(place.dana)) == 1
    assert "Check-ins (1)" in desk.reads(f"/review?person={ana.record}")
    for wrong in ("x", "", str(place.dana.id)):
        assert desk.get(f"/review?person={wrong}").status_code == 404
        assert desk.get(f"/review/check-ins?person={wrong}").status_code == 404
    olive = make_olive()
    assert ConsoleBrowser(olive).get(f"/review?person={ana.record}").status_code == 404
    assert ana.reads(olive) == []
