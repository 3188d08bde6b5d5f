"""A person is invited into care in one form; the code is shown once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.care.models import CareRecord, EpisodeChapter
from recovery.people.models import Invitation, Person
from tests.cast import NORTHLIGHT, ConsoleBrowser, act, hire, make_olive, make_user
from tests.console.house import House, make_house, reads
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")
PATH = "/programme/invite"
CODE = re.compile(r"large-code\">([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})<")
NOAH = {
    "programme": NORTHLIGHT,
    "given_name": "Noah",
    "family_name": "Brandt",
    "called": "Noa",
    "date_of_birth": "1994-03-21",
    "locale": "es",
    "phone": "555-0172 x3",
    "email": "noah@mail.example",
    "level": "iop",
    "by_email": "no",
}


@pytest.fixture
def house() -> House:
    return make_house()


def records() -> list[CareRecord]:
    with as_role("jobs"):
        return list(CareRecord.objects.order_by("opened_at", "id"))


def test_a_person_is_invited_with_all_that_the_form_asks(house: House) -> None:
    page = house.desk("dana").reads(PATH)
    for label in ("Given name", "Family name", "Date of birth", "Intensive outpatient (2.1)"):
        assert label in page
    first_day = timezone.localdate() + timedelta(days=7)
    response = house.desk("dana").do(PATH, "admit", **NOAH, starts_on=str(first_day))
    assert response.status_code == 200
    assert "Noa Brandt is invited." in response.content.decode()
    record = records()[-1]
    assert (record.full_name, record.called, record.locale) == ("Noah Brandt", "Noa", "es")
    assert (record.phone, record.email) == ("555-0172 x3", "noah@mail.example")
    assert str(record.date_of_birth) == "1994-03-21"
    with as_role("jobs"):
        chapter = EpisodeChapter.objects.get(scope_id=record.id)
        person = Person.objects.get(id=record.user_id)
    assert (chapter.level.code, chapter.from_date) == ("iop", first_day)
    assert (person.called, person.phone) == ("Noa", "555-0172 x3")


def test_the_code_is_shown_large_once_with_a_sheet_in_both_languages(house: House) -> None:
    browser, key = house.desk("dana"), uuid7()
    page = browser.do(PATH, "admit", key, **NOAH).content.decode()
    shown = CODE.findall(page)
    assert len(shown) == 3
    assert len(set(shown)) == 1
    assert re.findall(r'lang="(\w\w)"', page.partition("code-sheet")[2]) == ["es", "en"]
    assert f"{settings.PUBLIC_URL.rstrip('/')}" in page
    assert "<svg" in page.partition('class="square"')[2]
    assert not CODE.findall(browser.reads(PATH))
    again = browser.do(PATH, "admit", key, **NOAH).content.decode()
    assert not CODE.findall(again)
    assert "It was shown before and cannot be shown again." in again
    assert len(records()) == 2


def test_until_when_the_code_works_is_said(house: House) -> None:
    page = house.desk("dana").do(PATH, "admit", **NOAH).content.decode()
    with as_role("jobs"):
        newest = Invitation.objects.latest("created_at")
    until = newest.expires_at.astimezone(ZoneInfo("America/Los_Angeles"))
    assert f"Works once, until {until:%A, %B} {until.day}, " in page
    assert "It opens only with the date of birth." in page


def test_a_code_by_email_is_shown_to_nobody(house: House) -> None:
    page = house.desk("dana").do(PATH, "admit", **NOAH | {"by_email": "yes"}).content.decode()
    assert not CODE.findall(page)
    assert "It is on its way by email" in page
    assert "code-sheet" not in page


def test_what_is_wrong_is_said_at_its_field_and_nobody_is_admitted(house: House) -> None:
    for field, value in {"phone": "12", "date_of_birth": "1794-03-21", "email": "no"}.items():
        response = house.desk("dana").do(PATH, "admit", **NOAH | {field: value})
        page = response.content.decode()
        assert response.status_code == 422
        assert f'id="field-{field}-wrong"' in page
        assert 'value="Noah"' in page
    assert len(records()) == 1


def test_those_who_care_for_them_are_led_to_the_record_there_is(house: House) -> None:
    ana = NOAH | {"given_name": "Ana", "family_name": "Reyes", "date_of_birth": "1990-04-01"}
    before = reads(house.record)
    response = house.desk("dana").do(PATH, "admit", **ana)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Someone with this name and birth date is here already." in page
    assert f'href="/people/{house.record}"' in page
    assert "care.readmit" not in page
    assert len(records()) == 1
    assert reads(house.record) == before + 1
    gone_on = house.desk("dana").do(PATH, "admit", **ana, separate="yes")
    assert gone_on.status_code == 200
    assert len(records()) == 2


def test_colleagues_learn_only_whom_to_ask(house: House) -> None:
    ana = NOAH | {"given_name": "Ana", "family_name": "Reyes", "date_of_birth": "1990-04-01"}
    before = reads(house.record)
    page = house.desk("eli").do(PATH, "admit", **ana).content.decode()
    assert "Ask about it first: Dana Whitfield." in page
    assert str(house.record) not in page
    assert reads(house.record) == before


def test_who_admits_nobody_has_no_such_page(house: House) -> None:
    ines = hire(house.fay, NORTHLIGHT, "alumni_coordinator", ("Ines", "Quill"))
    for who in (ines, make_olive(), make_user(is_staff=True)):
        assert ConsoleBrowser(who).get(PATH).status_code == 404
    refused = ConsoleBrowser(ines).do(PATH, "admit", **NOAH)
    assert refused.status_code == 404
    assert len(records()) == 1


def test_a_former_colleague_admits_nobody(house: House) -> None:
    browser = house.desk("eli")
    act(house.fay, "people.end_staff", programme=NORTHLIGHT, user=house.eli.id)
    assert browser.do(PATH, "admit", **NOAH).status_code == 303
    assert len(records()) == 1


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "Ana\u202egnihsiF", "x" * 4000, "'\"&amp;<b>"]
)
def test_hostile_names_are_shown_as_they_are_or_refused(house: House, name: str) -> None:
    page = house.desk("dana").do(PATH, "admit", **NOAH | {"given_name": name}).content.decode()
    assert "<script>alert" not in page
    assert '<b>"' not in page


def test_the_menu_leads_there(house: House) -> None:
    page: Any = house.desk("dana").reads("/")
    assert f'href="{PATH}"' in page
