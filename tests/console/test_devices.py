"""Where people are signed in: staff end their own devices, and those of a person who asks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone

from recovery.people.models import AccountRecovery
from recovery.signin.models import DeviceSession, User
from tests.cast import NORTHLIGHT, ConsoleBrowser, act, hire, make_olive, sign_in
from tests.console.house import House, codes, make_house, reads
from tests.roles import as_role
from tools.local.data_directory import CHECKOUT

pytestmark = pytest.mark.usefixtures("committed_db")
MINE = "/account"


@pytest.fixture
def house() -> House:
    return make_house()


def sessions(user: User) -> list[DeviceSession]:
    with as_role("jobs"):
        return list(DeviceSession.objects.filter(scope_id=user.id).order_by("created_at", "id"))


def living(user: User) -> list[str]:
    return [each.name for each in sessions(user) if each.revoked_at is None]


def named(user: User, name: str) -> str:
    return next(str(each.id) for each in sessions(user) if each.name == name)


def phone(user: User, name: str = "Phone") -> None:
    sign_in(user, now=timezone.now(), name=name)


def path_of(house: House) -> str:
    return f"/people/{house.record}/devices"


def theirs(house: House, **more: Any) -> dict[str, Any]:
    return {"invitation": str(codes(house.ana.id)[0].id), "name": "Ana Reyes"} | more


def test_one_ends_a_device(house: House) -> None:
    browser = house.desk("dana", name="This browser")
    phone(house.dana, "Old phone")
    page = browser.reads(MINE)
    assert "This browser" in page
    assert "Old phone" in page
    done = browser.do(MINE, "end", session=named(house.dana, "Old phone"))
    page = done.content.decode()
    assert "That device is signed out." in page
    assert "You signed it out." in page
    assert living(house.dana) == ["This browser"]


def test_a_lost_device_also_erases(house: House) -> None:
    browser = house.desk("dana", name="This browser")
    phone(house.dana, "Old phone")
    done = browser.do(MINE, "report_lost", session=named(house.dana, "Old phone"))
    assert "It erases everything when it is next online." in done.content.decode()
    [lost] = [each for each in sessions(house.dana) if each.name == "Old phone"]
    assert lost.wipe_requested_at is not None


def test_one_ends_all_others_at_once(house: House) -> None:
    browser = house.desk("dana", name="This browser")
    for name in ("A", "B", "C"):
        phone(house.dana, name)
    others = [named(house.dana, name) for name in ("A", "B", "C")]
    done = browser.do(MINE, "end_others", session=others)
    assert "3 other devices are signed out." in done.content.decode()
    assert living(house.dana) == ["This browser"]


def test_nobody_ends_a_device_of_another(house: House) -> None:
    phone(house.eli, "Eli's phone")
    browser = house.desk("dana")
    for do in ("end", "report_lost", "end_others"):
        refused = browser.do(MINE, do, session=named(house.eli, "Eli's phone"))
        assert refused.status_code == 422
    assert "Eli" not in browser.reads(MINE)
    assert living(house.eli) == ["Eli's phone"]


def test_the_owner_refuses_a_code_or_confirms_it(house: House) -> None:
    phone(house.eli)
    for do in ("refuse", "confirm"):
        [code, *_] = codes(house.eli.id)
        act(house.fay, "people.renew_invitation", now=timezone.now(), invitation=code.id,
            by_email=False, resets_factors=True)  # fmt: skip
        browser = house.desk("eli")
        page = browser.reads(MINE)
        assert "Fay Stone made it on" in page
        assert "It would remove your second step." in page
        [new, *_] = codes(house.eli.id)
        assert browser.do(MINE, do, recovery=str(new.id)).status_code == 200
        with as_role("jobs"):
            own = AccountRecovery.objects.get(id=new.id)
        assert (own.refused_at is not None) == (do == "refuse")
        assert (own.confirmed_at is not None) == (do == "confirm")


@pytest.mark.parametrize(("do", "wiped"), [("sign_out", False), ("wipe", True)])
def test_a_person_is_signed_out_everywhere_at_their_request(
    house: House, do: str, wiped: bool
) -> None:
    phone(house.ana, "Ana's phone")
    browser = house.desk("dana")
    page = browser.reads(path_of(house))
    assert "Ana&#x27;s phone" not in page
    done = browser.do(path_of(house), do, **theirs(house))
    assert "Ana Reyes is signed out of every device." in done.content.decode()
    [session] = sessions(house.ana)
    assert (session.revoked_why, session.wipe_requested_at is not None) == ("by_staff", wiped)


def test_the_page_quotes_what_the_phone_says(house: House) -> None:
    page = house.desk("dana").reads(path_of(house))
    text = json.loads((CHECKOUT / "clients/web/src/text/first.en.json").read_text())
    for key in ("again.kept", "signed_out.title", "signed_out.erased", "signed_out.back"):
        assert text[key] in page


def test_a_new_code_brings_them_back(house: House) -> None:
    phone(house.ana)
    form = theirs(house, by_email="no")
    page = house.desk("dana").do(path_of(house), "make_code", **form).content.decode()
    assert "It works once a second person has approved it." in page
    assert len(codes(house.ana.id)) == 2


@pytest.mark.parametrize("do", ["sign_out", "wipe", "make_code"])
def test_a_desk_left_alone_signs_nobody_out(house: House, do: str) -> None:
    phone(house.ana)
    response = house.old_desk("dana").do(path_of(house), do, **theirs(house))
    assert "First confirm that it is you." in response.content.decode()
    assert living(house.ana) == ["Phone"]
    assert len(codes(house.ana.id)) == 1


def test_a_desk_left_alone_ends_no_own_device(house: House) -> None:
    phone(house.dana, "Old phone")
    browser = house.old_desk("dana")
    response = browser.do(MINE, "end", session=named(house.dana, "Old phone"))
    assert "First confirm that it is you." in response.content.decode()
    assert "Old phone" in living(house.dana)


def test_only_the_care_team_comes_there(house: House) -> None:
    phone(house.ana)
    ines = hire(house.fay, NORTHLIGHT, "alumni_coordinator", ("Ines", "Quill"))
    act(house.dana, "care.assign_team_member", record=house.record, user=ines.id)
    before = reads(house.record)
    for browser in (house.desk("eli"), ConsoleBrowser(make_olive())):
        assert browser.get(path_of(house)).status_code == 404
    assert reads(house.record) == before
    assert ConsoleBrowser(ines).get(path_of(house)).status_code == 404
    refused = ConsoleBrowser(ines).do(path_of(house), "wipe", **theirs(house))
    assert refused.status_code in (404, 422)
    assert living(house.ana) == ["Phone"]


def test_one_read_event_says_that_the_page_was_shown(house: House) -> None:
    before = reads(house.record)
    house.desk("dana").reads(path_of(house))
    assert reads(house.record) == before + 1
