"""One-use codes: their states, a second person, taking them back, making new ones."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from recovery.people.models import Invitation
from tests.cast import NORTHLIGHT, ConsoleBrowser, act, admit, hire, make_olive, sign_in
from tests.console.house import House, codes, make_house, queries_of, reads

pytestmark = pytest.mark.usefixtures("committed_db")
PATH = "/programme/invitations"
CODE = re.compile(r"large-code\">[0-9A-Z]{4}-")


@pytest.fixture
def house() -> House:
    return make_house()


def newest(house: House) -> Invitation:
    return codes(house.ana.id)[0]


def path_of(row: Invitation) -> str:
    return f"{PATH}/{row.id}"


def renewed(house: House, **options: Any) -> Invitation:
    """Ana has a phone, and Dana makes a new code for her."""
    sign_in(house.ana)
    act(house.dana, "people.renew_invitation", now=timezone.now(),
        invitation=newest(house).id, **{"by_email": False} | options)  # fmt: skip
    return newest(house)


def in_time(house: House) -> None:
    """Ana's first code was made in March; a new one is of now."""
    act(house.dana, "people.renew_invitation", now=timezone.now(),
        invitation=newest(house).id, by_email=False)  # fmt: skip


def test_codes_are_listed_by_their_states(house: House) -> None:
    browser = house.desk("dana")
    assert "No code waits." in browser.reads(PATH)
    assert "Ana Reyes" in browser.reads(f"{PATH}?show=expired")
    in_time(house)
    page = browser.reads(PATH)
    assert "Ana Reyes" in page
    assert "Waiting for them" in page
    assert "Taken back" in browser.reads(f"{PATH}?show=over")
    assert browser.get(f"{PATH}?show=%00nonsense").status_code == 200


def test_a_name_is_shown_only_to_those_who_care_for_the_person(house: House) -> None:
    in_time(house)
    before = reads(house.record)
    page = house.desk("eli").reads(PATH)
    assert "Someone outside your care teams" in page
    assert "Ana" not in page
    assert reads(house.record) == before
    house.desk("dana").reads(PATH)
    assert reads(house.record) == before + 1


def test_a_longer_list_asks_the_database_no_more(house: House) -> None:
    in_time(house)
    browser = house.desk("dana")
    browser.reads(PATH)
    few = queries_of(browser, PATH)
    for n in range(5):
        admit(house.dana, now=timezone.now(), given_name=f"Person{n}")
    assert queries_of(browser, PATH) == few


def test_codes_of_staff_are_for_administrators(house: House) -> None:
    kim = hire(house.fay, NORTHLIGHT, "case_manager", ("Kim", "Osei"))
    [code] = codes(kim.id)
    assert "Kim Osei" in house.desk("fay").reads(f"{PATH}?show=expired")
    assert "Kim Osei" not in house.desk("dana").reads(f"{PATH}?show=expired")
    assert house.desk("dana").get(path_of(code)).status_code == 404


def test_a_second_person_approves_after_seeing_whose_it_is(house: House) -> None:
    code = renewed(house)
    own = house.desk("dana").reads(path_of(code))
    assert "You made it, so a colleague has to approve it." in own
    refused = house.desk("dana").do(path_of(code), "approve", programme=NORTHLIGHT)
    assert refused.status_code == 422
    assert "Someone else must approve this code" in refused.content.decode()
    assert newest(house).approved_at is None

    before = reads(house.ana.id)
    browser = house.desk("eli")
    page = browser.reads(path_of(code))
    assert "Code for Ana Reyes" in page
    assert "Approve the code" in page
    assert reads(house.ana.id) == before + 1
    done = browser.do(path_of(code), "approve", programme=NORTHLIGHT)
    page = done.content.decode()
    assert "You have approved the code." in page
    assert not CODE.search(page)
    row = newest(house)
    assert (row.approved_by, row.state(timezone.now())) == (house.eli.id, "waiting")
    again = browser.do(path_of(code), "approve", programme=NORTHLIGHT)
    assert "does not wait for anyone" in again.content.decode()


def test_a_code_is_taken_back(house: House) -> None:
    in_time(house)
    done = house.desk("eli").do(path_of(newest(house)), "revoke")
    page = done.content.decode()
    assert "The code is taken back." in page
    assert "Take the code back" not in page
    assert newest(house).revoked_at is not None


def test_an_old_code_is_renewed_and_shown_once(house: House) -> None:
    old = newest(house)
    browser = house.desk("dana")
    form = {"invitation": str(old.id), "by_email": "no"}
    page = browser.do(path_of(old), "make_code", **form).content.decode()
    assert len(CODE.findall(page)) == 3
    assert newest(house).id != old.id
    assert not CODE.search(browser.reads(path_of(newest(house))))


def test_who_is_not_on_the_care_team_makes_no_code(house: House) -> None:
    old = newest(house)
    browser = house.desk("eli")
    assert "Make a new code" not in browser.reads(path_of(old))
    refused = browser.do(path_of(old), "make_code", invitation=str(old.id), by_email="no")
    assert refused.status_code == 422
    assert [row.id for row in codes(house.ana.id)] == [old.id]


def test_a_desk_left_alone_approves_nothing(house: House) -> None:
    code = renewed(house)
    response = house.old_desk("eli").do(path_of(code), "approve", programme=NORTHLIGHT)
    assert "First confirm that it is you." in response.content.decode()
    assert newest(house).approved_at is None


def test_others_find_no_codes(house: House) -> None:
    ines = hire(house.fay, NORTHLIGHT, "alumni_coordinator", ("Ines", "Quill"))
    before = reads()
    for who in (ines, make_olive()):
        browser = ConsoleBrowser(who)
        assert browser.get(path_of(newest(house))).status_code == 404
        assert browser.do(path_of(newest(house)), "revoke").status_code in (404, 422)
    assert ConsoleBrowser(ines).get(PATH).status_code == 404
    assert reads() == before
    assert newest(house).revoked_at is None


def test_a_code_runs_out(house: House) -> None:
    in_time(house)
    with time_machine.travel(timezone.now() + timedelta(hours=73), tick=False):
        browser = house.desk("dana")
        assert "Too old" in browser.reads(path_of(newest(house)))
        assert "Ana Reyes" in browser.reads(f"{PATH}?show=expired")
