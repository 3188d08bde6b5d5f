"""What nobody on the staff is in is listed for administrators, who put a colleague in."""

from __future__ import annotations

import uuid

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.models import Membership
from tests.cast import NORTHLIGHT, ConsoleBrowser, act, admit, documents, make_olive
from tests.console.house import House, make_house, queries_of, reads
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")
PATH = "/programme/unattended"


@pytest.fixture
def house() -> House:
    return make_house()


def abandon(scope: uuid.UUID, *staff: uuid.UUID) -> None:
    """As after a restore, or in data of before: nobody on the staff is in it."""
    with as_role("jobs"), transaction.atomic(), collecting():
        for user in staff:
            scopes.revoke(scope, user)


def a_group(house: House) -> uuid.UUID:
    group = uuid7()
    act(house.dana, "groups.create", id=group, programme=NORTHLIGHT, name="Tuesday", alias="Dana")
    return group


def role_in(scope: uuid.UUID, user: uuid.UUID) -> str | None:
    with as_role("jobs"):
        rows = Membership.objects.filter(scope_id=scope, user_id=user)
        return rows.values_list("role", flat=True).first()


def test_an_empty_list_says_what_brings_something(house: House) -> None:
    assert "Every record and every group has someone." in house.desk("fay").reads(PATH)


def test_a_record_without_anybody_gets_a_care_team(house: House) -> None:
    abandon(house.record, house.dana.id)
    browser, before = house.desk("fay"), reads(house.record)
    page = browser.reads(PATH)
    for words in ("Ana Reyes", "Nobody is on the care team.", "Eli Moss, Clinician"):
        assert words in page
    assert reads(house.record) == before + 1
    form = {"record": str(house.record), "user": str(house.eli.id), "name": "Ana Reyes"}
    done = browser.do(PATH, "put_in_team", **form).content.decode()
    assert "Ana Reyes is looked after again." in done
    assert "Every record and every group has someone." in done
    team = documents(house.eli, "care_team_member", house.record)
    assert {row["user_id"] for row in team if row["until"] is None} == {str(house.eli.id)}


def test_a_group_without_anybody_gets_a_leader(house: House) -> None:
    group = a_group(house)
    abandon(group, house.dana.id)
    browser = house.desk("fay")
    page = browser.reads(PATH)
    assert "Nobody leads the group." in page
    form = {"group": str(group), "user": str(house.eli.id), "name": "Tuesday", "alias": ""}
    refused = browser.do(PATH, "put_in_group", **form)
    assert refused.status_code == 422
    assert role_in(group, house.eli.id) is None
    done = browser.do(PATH, "put_in_group", **form | {"alias": "Eli"})
    assert "Tuesday has a leader again." in done.content.decode()
    assert role_in(group, house.eli.id) == "facilitator"


def test_nobody_is_put_where_another_is(house: House) -> None:
    browser = house.desk("fay")
    form = {"record": str(house.record), "user": str(house.fay.id), "name": "Ana"}
    assert browser.do(PATH, "put_in_team", **form).status_code == 422
    assert role_in(house.record, house.fay.id) is None


def test_a_longer_list_asks_the_database_no_more(house: House) -> None:
    abandon(house.record, house.dana.id)
    browser = house.desk("fay")
    browser.reads(PATH)
    few = queries_of(browser, PATH)
    for n in range(4):
        _, record = admit(house.dana, given_name=f"Person{n}")
        abandon(record, house.dana.id)
    assert queries_of(browser, PATH) == few


def test_only_administrators_see_it(house: House) -> None:
    abandon(house.record, house.dana.id)
    before = reads()
    for browser in (house.desk("dana"), ConsoleBrowser(make_olive("admin"))):
        assert browser.get(PATH).status_code == 404
        form = {"record": str(house.record), "user": str(house.dana.id)}
        assert browser.do(PATH, "put_in_team", **form).status_code == 404
    assert reads() == before
    assert role_in(house.record, house.dana.id) == "gone"


def test_my_day_says_it_too_to_administrators(house: House) -> None:
    fay, title = house.desk("fay"), "What nobody looks after"
    assert title not in fay.reads("/")
    abandon(a_group(house), house.dana.id)
    abandon(house.record, house.dana.id)
    before = reads(house.record)
    page = fay.reads("/")
    for words in (title, "Ana Reyes", "Tuesday", "Nobody leads the group."):
        assert words in page
    assert f'href="{PATH}"' in page
    assert reads(house.record) == before + 1
    assert title not in house.desk("dana").reads("/")
