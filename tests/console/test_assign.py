"""Staff assign a tool to the people they treat, and take it back."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.care.models import CareRecord
from tests.cast import Circle, ConsoleBrowser, act, employ, exercise, make_olive
from tests.console.tools import (
    HALT,
    HOSTILE,
    SURFING,
    assignments,
    call,
    done,
    more_people,
    on_the_staff,
    practice,
    read_by,
)

pytestmark = pytest.mark.django_db
TOOL = "/assign?exercise=halt"


@pytest.fixture
def care(db: None) -> Circle:
    return practice()


@pytest.fixture
def dana(care: Circle) -> ConsoleBrowser:
    return ConsoleBrowser(care.dana)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def give(dana: ConsoleBrowser, *records: CareRecord, **fields: Any) -> Any:
    sent = {"exercise": HALT, "person": [str(each.id) for each in records], "note": ""}
    return dana.do(TOOL, "give", **sent | fields)


def assigned(care: Circle, name: str = "ana", tool: str = SURFING, **facts: Any) -> uuid.UUID:
    data = {"id": uuid7(), "record": care.records[name].id, "exercise": tool}
    act(care.dana, "practice.assign_exercise", now=timezone.now(), **data | facts)
    return uuid.UUID(str(data["id"]))


def test_every_tool_is_in_the_list_with_what_it_takes(dana: ConsoleBrowser) -> None:
    page = dana.reads("/assign")
    assert "2 tools" in page
    assert "3 minutes. Matrix model." in page
    assert "English and Spanish." in page
    assert page.index("Hungry, angry, lonely, tired") < page.index("Ride the wave")


@pytest.mark.parametrize("words", ["WAVE", "ola urge", "cbt"])
def test_a_tool_is_found_by_words_of_either_language(dana: ConsoleBrowser, words: str) -> None:
    tools = dana.reads(f"/assign?q={words}").split('id="waiting"')[0]
    assert "Ride the wave" in tools
    assert "Hungry, angry" not in tools
    assert "No tool has these words" in dana.reads("/assign?q=zebra")


def test_a_tool_that_was_withdrawn_is_not_offered(care: Circle, dana: ConsoleBrowser) -> None:
    assigned(care, tool=HALT)
    exercise("halt", version=2, withdrawn=True)
    page = dana.reads("/assign")
    assert "1 tool<" in page
    assert "Hungry, angry, lonely, tired" in page.split('id="waiting"')[1]
    assert dana.get(TOOL).status_code == 404
    assert dana.get("/assign?exercise=nothing").status_code == 404


def test_staff_read_the_steps_before_they_assign(dana: ConsoleBrowser) -> None:
    page = dana.reads("/assign?exercise=urge-surfing")
    assert "For you from Dana" in page
    for words in ("15 minutes", "A clock: ", "Any of: ", 'lang="es"', "In Spanish"):
        assert words in page


def test_two_people_get_a_tool_with_a_day_and_a_line(care: Circle, dana: ConsoleBrowser) -> None:
    ana, ben = care.records["ana"], care.records["ben"]
    day = timezone.localdate() + timedelta(days=3)
    page = text_of(give(dana, ana, ben, due_on=str(day), note="Before group."))
    assert "2 people have it now: Ana Reyes, Ben Reyes." in page
    assert {(row.scope_id, row.due_on, row.note) for row in assignments()} == {
        (each.id, day, "Before group.") for each in (ana, ben)
    }
    assert page.count("Has it already, planned for") == 2
    assert page.split('id="waiting"')[1].count("“Before group.”") == 2


def test_a_form_that_is_sent_twice_counts_once(care: Circle, dana: ConsoleBrowser) -> None:
    key = uuid7()
    for _ in range(2):
        response = give(dana, care.records["ana"], key=key)
        assert "Ana Reyes has it now." in text_of(response)
    assert len(assignments()) == 1


def test_without_a_person_nothing_is_sent_and_the_line_stays(dana: ConsoleBrowser) -> None:
    response = give(dana, note="Before group.")
    assert response.status_code == 422
    assert "Choose at least one person." in text_of(response)
    assert "Before group.</textarea>" in text_of(response)
    assert assignments() == []


def test_a_day_that_is_over_is_refused_and_who_was_ticked_stays(
    care: Circle, dana: ConsoleBrowser
) -> None:
    ana = care.records["ana"]
    response = give(dana, ana, due_on="2020-01-01")
    assert response.status_code == 422
    assert "This date is in the past." in text_of(response)
    assert f'value="{ana.id}" checked' in text_of(response)
    assert assignments() == []


def test_nobody_else_gets_anything(care: Circle, dana: ConsoleBrowser) -> None:
    """Neither a person whom another colleague treats, nor what is no person at all."""
    cleo = care.records["cleo"]
    other = make_olive()
    foreign = give(ConsoleBrowser(other), cleo)
    assert (foreign.status_code, assignments()) == (422, [])
    page = text_of(give(dana, cleo, person=[str(cleo.id), str(uuid7()), "nonsense"]))
    assert "Cleo Reyes has it now. 2 people are not in your care any more" in page
    assert [row.scope_id for row in assignments()] == [cleo.id]


def test_what_is_tried_or_taken_back_waits_no_more(care: Circle, dana: ConsoleBrowser) -> None:
    tried, waits = assigned(care), assigned(care, "ben", note="Slowly.")
    done(care.records["ana"], assignment=tried)
    page = dana.reads("/assign")
    assert f"assignment-{waits}" in page
    assert f"assignment-{tried}" not in page
    page = text_of(dana.do("/assign", "take_back", assignment=str(waits)))
    assert "It is not on the phone of Ben Reyes any more." in page
    assert "Nothing waits on a phone." in page
    again = dana.do("/assign", "take_back", assignment=str(waits))
    assert again.status_code == 422
    assert "already been taken back" in text_of(again)


def test_strangers_take_nothing_back(care: Circle) -> None:
    waits = assigned(care)
    response = ConsoleBrowser(make_olive()).do("/assign", "take_back", assignment=str(waits))
    assert response.status_code == 422
    assert [row.withdrawn_at for row in assignments()] == [None]


def test_a_link_chooses_the_person(care: Circle, dana: ConsoleBrowser) -> None:
    assigned(care)
    assigned(care, "ben")
    ben = care.records["ben"]
    page = dana.reads(f"{TOOL}&person={ben.id}")
    assert f'value="{ben.id}" checked' in page
    assert page.split('id="waiting"')[1].count("<tr id=") == 1
    assert dana.get(f"{TOOL}&person={uuid7()}").status_code == 404
    assert dana.get(f"{TOOL}&person=nonsense").status_code == 404


def test_each_person_shown_is_one_read(care: Circle, dana: ConsoleBrowser) -> None:
    assigned(care)
    dana.reads("/assign")
    assert sorted(read_by(care.dana)) == sorted(each.id for each in care.records.values())


def test_who_treats_nobody_reads_nothing(care: Circle) -> None:
    """Staff of another programme, a colleague without patients, one who has left."""
    assigned(care)
    colleague, former = employ(care.programme), employ(care.programme)
    on_the_staff(care, colleague, "Eli")
    on_the_staff(care, former, "Gus", left_at=timezone.now())
    for user in (make_olive(), colleague, former):
        page = ConsoleBrowser(user).reads("/assign")
        assert "Reyes" not in page
        path = f"/assign?person={care.records['ana'].id}"
        assert ConsoleBrowser(user).get(path).status_code == 404
        assert read_by(user) == []


def test_many_people_cost_as_much_as_one(care: Circle, dana: ConsoleBrowser) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            dana.reads(TOOL)
        return len(captured)

    assigned(care)
    before = queries()
    for record in more_people(care, 12):
        care.records[str(record.id)] = record
        assigned(care, str(record.id))
    assert queries() == before


def test_hostile_words_are_only_words(care: Circle, dana: ConsoleBrowser) -> None:
    call(care.records["ana"], "<b>Ana</b>")
    assigned(care, note=HOSTILE[:1000])
    page = dana.reads("/assign?q=" + "%3Cscript%3E")
    assert "<b>Ana</b>" not in page
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
