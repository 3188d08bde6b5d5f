"""The caseload: whom to contact today, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import time_machine

from tests.architecture.statements import counted
from tests.cast import NOW, ConsoleBrowser, act, exercise
from tests.console.caseload import TABS, THURSDAY, Place, make_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Iterator[Place]:
    with time_machine.travel(THURSDAY, tick=False):
        yield make_place()


def names(page: str) -> list[str]:
    return re.findall(r"data-row>([^<]+)</a>", page)


def found(desk: ConsoleBrowser, words: str) -> str:
    """The caseload after a search for this name."""
    response = desk.do("/people?list=contact", "search", q=words)
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_person_to_contact_is_there_with_the_reason_in_words(place: Place) -> None:
    ana, ben = place.admit(), place.admit("Ben", "Marsh")
    for each in (ana, ben):
        each.check_in("2026-03-03", now=NOW)
        each.plan_talks()
        each.attend("2026-03-04", "absent" if each is ana else "present")
    page = place.desk().reads("/people")
    assert names(page) == ["Ana Reyes"]
    assert "Missed Talk with Dana yesterday, no word since." in page
    assert "Intensive outpatient, day 18" in page
    ana.check_in("2026-03-05", mood=2)
    assert names(place.desk().reads("/people")) == []


def test_a_session_that_they_came_to_later_is_a_word(place: Place) -> None:
    ana = place.admit()
    ana.check_in("2026-03-03", now=NOW)
    ana.plan_talks()
    ana.attend("2026-03-02", "absent")
    assert "Missed Talk with Dana on Monday" in place.desk().reads("/people")
    ana.attend("2026-03-04", "present")
    page = place.desk().reads("/people?list=all")
    assert "Missed" not in page
    assert 'Wed, Mar 4<br><small class="soft">talk' in page


def test_what_they_shared_is_a_reason(place: Place) -> None:
    exercise("urge-surfing")
    ana = place.admit()
    ana.check_in("2026-03-05", craving_now=4, craving_worst=8)
    ana.do_exercise()
    page = place.desk().reads("/people")
    assert "Urge 8 today." in page
    assert "An exercise waits for review, sent today." in page


def test_hours_count_what_is_done_and_what_is_planned(place: Place) -> None:
    ana = place.admit()
    ana.check_in("2026-03-05")
    ana.plan_talks()
    ana.attend("2026-03-02", "present")
    page = place.desk().reads("/people?list=hours")
    assert names(page) == ["Ana Reyes"]
    assert "1 of 9" in page
    assert "Tomorrow, 9:00 AM" in page
    # Of nine hours one is done, one was yesterday and waits for the roster, one is tomorrow.
    with time_machine.travel(THURSDAY.replace(day=6), tick=False):
        later = place.desk().reads("/people")
    assert "6 h of 9 h are missing. The week ends on Sunday." in later


def test_each_list_has_its_people(place: Place) -> None:
    old, new = place.admit("Old", "Timer"), place.admit("New", "Comer", starts_on="2026-03-03")
    for each in (old, new):
        each.check_in("2026-03-05")
    desk = place.desk()
    assert names(desk.reads("/people")) == []
    assert "Nobody needs contact today." in desk.reads("/people")
    assert names(desk.reads("/people?list=new")) == ["New Comer"]
    assert names(desk.reads("/people?list=all")) == ["New Comer", "Old Timer"]
    assert names(desk.reads("/people?list=nonsense&sort=x&page=y")) == []


def test_a_name_is_searched_among_everybody_with_or_without_its_marks(place: Place) -> None:
    for got, family in (("Lucía", "Prado"), ("Ben", "Marsh")):
        place.admit(got, family).check_in("2026-03-05")
    desk = place.desk()
    assert names(found(desk, "lucia pra")) == ["Lucía Prado"]
    assert names(found(desk, "LUCÍA")) == ["Lucía Prado"]
    page = found(desk, "nobody")
    assert names(page) == []
    assert "1 filter on." in page
    assert 'value="nobody"' in page


def test_a_name_that_is_searched_is_in_no_address(place: Place) -> None:
    place.admit("Lucía", "Prado").check_in("2026-03-05")
    page = found(place.desk(), "lucia")
    assert not [
        each for each in re.findall(r'(?:href|action|hx-\w+)="([^"]*)"', page) if "luc" in each
    ]
    # An address that carries one finds nothing by it.
    ben = place.admit("Ben", "Marsh")
    ben.check_in("2026-03-05")
    assert len(names(place.desk().reads("/people?list=all&q=lucia"))) == 2


def test_only_those_who_are_found_leave_an_event(place: Place) -> None:
    ana, ben = place.admit(), place.admit("Ben", "Marsh")
    found(place.desk(), "ana")
    assert (len(ana.reads(place.dana)), ben.reads(place.dana)) == (1, [])


def test_the_list_of_one_level(place: Place) -> None:
    place.admit("Ben", "Marsh", level="outpatient")
    place.admit()
    desk = place.desk()
    assert names(desk.reads("/people?list=all&level=Outpatient")) == ["Ben Marsh"]
    assert names(desk.reads("/people?list=all&level=Detox")) == []


def test_lists_are_sorted_and_say_by_what(place: Place) -> None:
    ana, ben = place.admit(), place.admit("Ben", "Adams")
    ana.check_in("2026-02-20")
    ben.check_in("2026-03-01")
    desk = place.desk()
    # By family name, and by how long they wait.
    assert names(desk.reads("/people?list=all")) == ["Ben Adams", "Ana Reyes"]
    page = desk.reads("/people")
    assert names(page) == ["Ana Reyes", "Ben Adams"]
    assert page.count("aria-sort=") == 1
    assert names(desk.reads("/people?sort=last&list=all")) == ["Ana Reyes", "Ben Adams"]


def test_fifty_people_stand_on_a_page_and_cost_as_many_queries_as_one(place: Place) -> None:
    first = place.admit("Aaa", "Aaa")
    first.check_in("2026-03-01")
    desk = place.desk()
    desk.reads("/people?list=all")
    with counted() as one:
        desk.reads("/people?list=all")
    last = [place.admit(f"P{n}", f"Q{n:02}") for n in range(51)][-1]
    last.check_in("2026-03-01")
    with counted() as many:
        page = desk.reads("/people?list=all")
    assert len(many) == len(one)
    assert len(names(page)) == 50
    assert "1 to 50 of 52" in page
    [after] = re.findall(r'href="([^"]+)" rel="next"', page)
    assert last.reads(place.dana) == []
    second = desk.reads("/people" + after.replace("&amp;", "&"))
    assert names(second) == ["P49 Q49", "P50 Q50"]
    assert len(last.reads(place.dana)) == 1


def test_each_person_shown_leaves_one_event_and_nobody_else_does(place: Place) -> None:
    ana, ben = place.admit(), place.admit("Ben", "Marsh")
    ben.check_in("2026-03-05")
    place.desk().reads("/people")
    [(action, objects)] = ana.reads(place.dana)
    assert action == "read people"
    assert [str(ana.record)] == [id_ for kind, id_, _ in objects if kind == "carerecord"]
    assert len({(kind, id_) for kind, id_, _ in objects}) == len(objects)
    assert ben.reads(place.dana) == []


def test_a_former_colleague_finds_nobody(place: Place) -> None:
    ana, eli = place.admit(), place.hire("Eli", "Ward")
    place.join(ana, eli)
    desk = place.desk(eli)
    assert names(desk.reads("/people?list=all")) == ["Ana Reyes"]
    seen = ana.reads(eli)
    act(place.dana, "care.end_team_member", record=ana.record, member=ana.member(eli))
    assert names(desk.reads("/people?list=all")) == []
    for tab in TABS:
        assert desk.get(ana.path + tab).status_code == 404
    assert ana.reads(eli) == seen


def test_hostile_names_are_shown_as_they_are(place: Place) -> None:
    ana = place.admit()
    hostile = "<script>alert(1)</script>\u202e" + "x" * 4000
    ana.change(given_name=hostile, phone='555-0142"><b>')
    paths = ("/people?list=all", *(ana.path + t for t in TABS))
    pages = [place.desk().reads(path) for path in paths]
    for page in (*pages, found(place.desk(), "<script>\0")):
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
        assert '0142"><b>' not in page
