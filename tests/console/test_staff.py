"""The staff of a programme: who is there, new roles, names, ways back, ends with a successor."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from recovery.people.models import StaffMember
from recovery.signin.models import User
from tests.cast import (
    EVENING_GROUP,
    NORTHLIGHT,
    ConsoleBrowser,
    act,
    documents,
    hire,
    make_olive,
    make_user,
    sign_in,
)
from tests.console.house import House, codes, make_house, queries_of
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")
PATH = "/programme/staff"
KIM = {
    "programme": NORTHLIGHT,
    "given_name": "Kim",
    "family_name": "Osei",
    "email": "kim@example.org",
    "phone": "",
    "locale": "en",
    "role": "case_manager",
}


@pytest.fixture
def house() -> House:
    return make_house()


def path_of(user: User) -> str:
    return f"{PATH}/{user.id}"


def member(user: User) -> StaffMember:
    with as_role("jobs"):
        return StaffMember.objects.get(user_id=user.id)


def form_of(user: User, **more: Any) -> dict[str, Any]:
    return {"programme": NORTHLIGHT, "name": "Dana Whitfield"} | more


def test_everyone_on_the_staff_is_in_the_list(house: House) -> None:
    kim = hire(house.fay, NORTHLIGHT, "case_manager", ("Kim", "Osei"))
    page = house.desk("fay").reads(PATH)
    for words in ("Dana Whitfield", "Counselor", "Kim Osei", "Case manager", path_of(kim)):
        assert words in page
    of_dana = house.desk("dana").reads(PATH)
    assert "Kim Osei" in of_dana
    assert path_of(house.dana) in of_dana
    assert path_of(kim) not in of_dana
    assert "Here since" not in of_dana


def test_a_longer_list_asks_the_database_no_more(house: House) -> None:
    browser = house.desk("fay")
    browser.reads(PATH)
    few = queries_of(browser, PATH)
    for n in range(4):
        hire(house.fay, NORTHLIGHT, name=(f"N{n}", "Hale"))
    assert queries_of(browser, PATH) == few


def test_staff_are_invited_with_a_role_that_says_what_it_may_do(house: House) -> None:
    page = house.desk("fay").reads(f"{PATH}/invite")
    assert "Works on care teams and sees the records there, plans sessions, leads groups" in page
    done = house.desk("fay").do(f"{PATH}/invite", "invite", **KIM, by_email="no")
    page = done.content.decode()
    assert "Kim Osei is invited." in page
    assert re.search(r"large-code\">[0-9A-Z]{4}-", page)
    assert "It opens only with the date of birth." not in page
    with as_role("jobs"):
        kim = StaffMember.objects.get(family_name="Osei")
    assert (kim.role, kim.full_name) == ("case_manager", "Kim Osei")


def test_only_administrators_invite_staff(house: House) -> None:
    browser = house.desk("dana")
    assert browser.get(f"{PATH}/invite").status_code == 404
    assert browser.do(f"{PATH}/invite", "invite", **KIM).status_code == 404
    with as_role("jobs"):
        assert not StaffMember.objects.filter(family_name="Osei").exists()


def test_a_name_is_corrected_and_the_earlier_one_kept(house: House) -> None:
    seen = {"seen_given_name": "Dana", "seen_family_name": "Whitfield", "seen_name_text": ""}
    typed = {"given_name": "Dana", "family_name": "Whitfield Ruiz", "name_text": ""}
    form = form_of(house.dana) | seen | typed
    done = house.desk("fay").do(path_of(house.dana), "correct_name", **form)
    assert "The name is corrected." in done.content.decode()
    assert member(house.dana).full_name == "Dana Whitfield Ruiz"
    [correction] = documents(house.dana, "staff_correction")
    assert (correction["before"], correction["after"]) == ("Whitfield", "Whitfield Ruiz")
    late = form | {"family_name": "Ruiz"}
    stale = house.desk("dana").do(path_of(house.dana), "correct_name", **late)
    assert stale.status_code == 422
    assert "A colleague has corrected this already" in stale.content.decode()
    empty = typed | {"given_name": "", "family_name": ""}
    seen["seen_family_name"] = "Whitfield Ruiz"
    refused = house.desk("dana").do(path_of(house.dana), "correct_name", **form | seen | empty)
    assert "Please leave a name." in refused.content.decode()
    assert member(house.dana).full_name == "Dana Whitfield Ruiz"


def test_a_role_is_changed(house: House) -> None:
    form = form_of(house.dana, role="case_manager")
    done = house.desk("fay").do(path_of(house.dana), "change_role", **form)
    assert "Dana Whitfield has a new role: Case manager." in done.content.decode()
    assert member(house.dana).role == "case_manager"


def test_ending_names_what_nobody_looks_after_and_changes_nothing_yet(house: House) -> None:
    group = uuid7()
    act(house.dana, "groups.create", id=group, programme=NORTHLIGHT, name="Tuesday", alias="Dana")
    act(house.dana, "care.create_series", scope=f"care:{house.record}", **EVENING_GROUP)
    browser, path = house.desk("fay"), path_of(house.dana)
    refused = browser.do(path, "end_role", **form_of(house.dana))
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Nobody else looks after this. Nothing is changed yet." in page
    for words in ("Ana Reyes", "as care team", "Tuesday", "as group leader", "Evening group"):
        assert words in page
    assert f'name="successor-{house.record}"' in page
    assert f'name="successor-{group}"' in page
    assert member(house.dana).left_at is None

    choice = {"successor": str(house.eli.id), f"successor-{group}": str(house.fay.id)}
    done = browser.do(path, "end_role", **form_of(house.dana, **choice))
    page = done.content.decode()
    assert done.status_code == 200
    assert "Dana Whitfield is signed out everywhere" in page
    assert "Colleagues look after 2 records and groups from now on." in page
    assert member(house.dana).left_at is not None
    team = documents(house.eli, "care_team_member", house.record)
    assert {row["user_id"] for row in team if row["until"] is None} == {str(house.eli.id)}
    cards = documents(house.fay, "member_card", group)
    assert len([card for card in cards if card["left_at"] is None]) == 1
    assert "1 former colleague" in browser.reads(PATH)


def test_a_successor_who_may_not_is_refused(house: House) -> None:
    ines = hire(house.fay, NORTHLIGHT, "alumni_coordinator", ("Ines", "Quill"))
    act(house.fay, "people.end_staff", programme=NORTHLIGHT, user=ines.id)
    form = form_of(house.dana, successor=str(ines.id))
    refused = house.desk("fay").do(path_of(house.dana), "end_role", **form)
    assert refused.status_code == 422
    assert "Please name someone else on the staff" in refused.content.decode()
    assert member(house.dana).left_at is None


def test_nobody_changes_their_own_role(house: House) -> None:
    page = house.desk("fay").reads(path_of(house.fay))
    assert "Change the role" not in page
    assert "Correct the name" in page
    form = form_of(house.fay, role="clinician")
    refused = house.desk("fay").do(path_of(house.fay), "change_role", **form)
    assert refused.status_code == 422
    assert member(house.fay).role == "admin"


def test_only_administrators_change_others(house: House) -> None:
    browser, path = house.desk("eli"), path_of(house.dana)
    assert browser.get(path).status_code == 404
    for do in ("change_role", "end_role", "correct_name"):
        form = form_of(house.dana, role="admin", given_name="X", seen_given_name="Dana")
        assert browser.do(path, do, **form).status_code == 404
    now = member(house.dana)
    assert (now.role, now.left_at, now.given_name) == ("counsellor", None, "Dana")


@pytest.mark.parametrize("do", ["change_role", "end_role", "make_code"])
def test_a_desk_left_alone_changes_nobody(house: House, do: str) -> None:
    """Six minutes after the last proof, the person confirms first."""
    [code, *_] = codes(house.eli.id)
    form = {"programme": NORTHLIGHT, "name": "Eli", "role": "admin", "invitation": str(code.id)}
    response = house.old_desk("fay").do(path_of(house.eli), do, **form)
    assert response.status_code == 422
    page = response.content.decode()
    assert "First confirm that it is you." in page
    assert f"/confirm?next=%2Fprogramme%2Fstaff%2F{house.eli.id}" in page
    now = member(house.eli)
    assert (now.role, now.left_at) == ("clinician", None)
    assert len(codes(house.eli.id)) == 1


def test_a_lost_second_step_comes_back_with_two_people_and_its_owner(house: House) -> None:
    sign_in(house.eli)
    [code, *_] = codes(house.eli.id)
    form = {"invitation": str(code.id), "by_email": "no", "resets_factors": "yes"}
    made = house.desk("fay").do(path_of(house.eli), "make_code", **form).content.decode()
    assert "A second person must approve it before it works." in made
    assert "It works once a second person has approved it." in made
    [new, *_] = codes(house.eli.id)
    assert (new.needs_approval, new.resets_factors, new.approved_at) == (True, True, None)
    assert f"/programme/invitations/{new.id}" in house.desk("fay").reads(path_of(house.eli))


def test_strangers_find_no_staff(house: House) -> None:
    for who in (make_olive(), make_user(is_staff=True)):
        browser = ConsoleBrowser(who)
        assert browser.get(path_of(house.dana)).status_code == 404
        page = browser.get(PATH).content.decode()
        assert "Whitfield" not in page
    assert house.desk("fay").get(f"{PATH}/{uuid.uuid4()}").status_code == 404
