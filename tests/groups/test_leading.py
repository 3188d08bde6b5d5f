"""A group always has at least one facilitator, from the staff of its programme."""

from __future__ import annotations

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from foundation.problems import NotAllowed, NotFound, Refused
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.models import Membership
from recovery.signin.models import User
from tests.at_once import at_once
from tests.cast import Circle, act, documents, employ, invite, joining, make_circle, scopes_of


def add(circle: Circle, colleague: User, by: User | None = None, alias: str = "Eli") -> Any:
    data = {"group": circle.group, "colleague": colleague.id, "alias": alias}
    return act(by or circle.dana, "groups.add_facilitator", **data)


def step_back(circle: Circle, who: User) -> Any:
    return act(who, "groups.step_back", group=circle.group)


def leaders(circle: Circle) -> list[tuple[Any, ...]]:
    set_actor(circle.ana.id)
    rows = Membership.objects.filter(scope_id=circle.group).order_by("user_id")
    cards = documents(circle.ana, "member_card", circle.group)
    return [*rows.values_list("user_id", "role", "held"), *(tuple(card.items()) for card in cards)]


@pytest.fixture
def eli(circle: Circle) -> User:
    return employ(circle.programme, "clinician")


def test_an_added_facilitator_sees_earlier_messages_and_can_lead(circle: Circle, eli: User) -> None:
    act(circle.ana, "groups.post_message", id=uuid7(), group=circle.group, text="hi")
    add(circle, eli)
    assert [message["text"] for message in documents(eli, "message")] == ["hi"]
    cards = documents(circle.ana, "member_card", circle.group)
    assert ("Eli", "facilitator") in [(card["alias"], card["role"]) for card in cards]
    act(eli, "groups.open_round", id=uuid7(), group=circle.group, on_date="2026-03-02")
    assert len(documents(circle.ana, "round")) == 1


def test_invitations_outlive_the_facilitator_who_sent_them(circle: Circle, eli: User) -> None:
    waiting = invite(circle.dana, circle.group, circle.records["cleo"])
    add(circle, eli)
    step_back(circle, circle.dana)
    assert "group" not in scopes_of(circle.dana)
    act(circle.cleo, "groups.join", **joining(waiting, "Cleo"))
    assert sorted(card["alias"] for card in documents(eli, "member_card")) == [
        "",
        "Ana",
        "Ben",
        "Cleo",
        "Eli",
    ]


def test_nobody_joins_a_group_that_nobody_leads(circle: Circle) -> None:
    waiting = invite(circle.dana, circle.group, circle.records["cleo"])
    admin = employ(circle.programme, "admin")
    with collecting():
        set_actor(admin.id)
        scopes.change_staff_places(circle.programme.id, circle.dana.id, None)
    with pytest.raises(Refused) as refusal:
        act(circle.cleo, "groups.join", **joining(waiting, "Cleo"))
    assert refusal.value.code == "closed"
    assert "group" not in scopes_of(circle.cleo)


def test_the_last_facilitator_cannot_step_back(circle: Circle) -> None:
    before = leaders(circle)
    with pytest.raises(Refused) as refusal:
        step_back(circle, circle.dana)
    assert refusal.value.code == "last_to_lead"
    assert leaders(circle) == before


def test_a_colleague_who_has_left_the_programme_leads_no_group(circle: Circle, eli: User) -> None:
    add(circle, eli)
    admin = employ(circle.programme, "admin")
    with collecting():
        set_actor(admin.id)
        scopes.change_staff_places(circle.programme.id, eli.id, None)
    before = leaders(circle)
    with pytest.raises(Refused) as refusal:
        step_back(circle, circle.dana)
    assert refusal.value.code == "last_to_lead"
    assert leaders(circle) == before


def test_when_both_facilitators_step_back_at_once_one_stays(committed_db: None) -> None:
    circle = make_circle()
    eli = employ(circle.programme, "clinician")
    add(circle, eli)
    answers = at_once(lambda: step_back(circle, circle.dana), lambda: step_back(circle, eli))
    assert [a.code for a in answers if isinstance(a, Refused)] == ["last_to_lead"]


@pytest.mark.parametrize("who", ["cleo", "ana", "moderator", "olive", "nobody"])
def test_only_staff_who_lead_groups_can_be_added(circle: Circle, olive: User, who: str) -> None:
    outsiders = {
        "olive": olive,
        "nobody": User(id=uuid7()),
        "moderator": employ(circle.programme, "moderator"),
    }
    colleague = outsiders.get(who) or getattr(circle, who)
    before = leaders(circle)
    with pytest.raises(Refused) as refusal:
        add(circle, colleague)
    assert refusal.value.code == "not_staff"
    assert leaders(circle) == before


def test_a_facilitator_cannot_be_added_twice(circle: Circle, eli: User) -> None:
    add(circle, eli)
    before = leaders(circle)
    with pytest.raises(Refused) as refusal:
        add(circle, eli, alias="Other")
    assert refusal.value.code == "leads_already"
    assert leaders(circle) == before


def test_members_and_strangers_can_neither_add_nor_step_back(
    circle: Circle, eli: User, olive: User
) -> None:
    before = leaders(circle)
    for other, error in ((circle.ana, NotAllowed), (eli, NotFound), (olive, NotFound)):
        with pytest.raises(error):
            add(circle, eli, by=other)
        with pytest.raises(error):
            step_back(circle, other)
    assert leaders(circle) == before
