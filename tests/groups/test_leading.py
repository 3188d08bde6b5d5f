"""A group is led by staff of its programme, by at least one of them at any time."""

from __future__ import annotations

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from foundation.problems import NotAllowed, NotFound, Refused
from recovery.feed.context import set_actor
from recovery.feed.models import Membership
from recovery.signin.models import User
from tests.at_once import at_once
from tests.factories.peers import Circle, act, hire, invite, joining, make_circle, scopes_of, seen


def add(circle: Circle, colleague: User, by: User | None = None, alias: str = "Eli") -> Any:
    data = {"group": circle.group, "colleague": colleague.id, "alias": alias}
    return act(by or circle.dana, "groups.add_facilitator", data)


def step_back(circle: Circle, who: User) -> Any:
    return act(who, "groups.step_back", {"group": circle.group})


def leaders(circle: Circle) -> list[tuple[Any, ...]]:
    set_actor(circle.ash.id)
    rows = Membership.objects.filter(scope_id=circle.group).order_by("user_id")
    cards = seen(circle.ash, "member_card", circle.group)
    return [*rows.values_list("user_id", "role", "held"), *(tuple(card.items()) for card in cards)]


@pytest.fixture
def eli(circle: Circle) -> User:
    return hire(circle.programme, circle.dana, "clinician")


def test_a_colleague_leads_with_what_was_said_before(circle: Circle, eli: User) -> None:
    act(circle.ash, "groups.post_message", {"id": uuid7(), "group": circle.group, "text": "hi"})
    add(circle, eli)
    assert [message["text"] for message in seen(eli, "message")] == ["hi"]
    cards = seen(circle.ash, "member_card", circle.group)
    assert ("Eli", "facilitator") in [(card["alias"], card["role"]) for card in cards]
    act(eli, "groups.open_round", {"id": uuid7(), "group": circle.group, "on_date": "2026-03-02"})
    assert len(seen(circle.ash, "round")) == 1


def test_handing_over_ends_ones_place_and_invitations(circle: Circle, eli: User) -> None:
    waiting = invite(circle.dana, circle.group, circle.records["cedar"])
    add(circle, eli)
    step_back(circle, circle.dana)
    assert "group" not in scopes_of(circle.dana)
    assert sorted(card["alias"] for card in seen(eli, "member_card")) == ["", "Ash", "Birch", "Eli"]
    with pytest.raises(Refused) as refusal:
        act(circle.cedar, "groups.join", joining(waiting, "Cedar"))
    assert refusal.value.code == "closed"


def test_the_last_one_stays(circle: Circle) -> None:
    before = leaders(circle)
    with pytest.raises(Refused) as refusal:
        step_back(circle, circle.dana)
    assert refusal.value.code == "last_to_lead"
    assert leaders(circle) == before


def test_of_two_who_step_back_at_once_one_stays(committed_db: None) -> None:
    circle = make_circle()
    eli = hire(circle.programme, circle.dana, "clinician")
    add(circle, eli)
    answers = at_once(lambda: step_back(circle, circle.dana), lambda: step_back(circle, eli))
    assert [a.code for a in answers if isinstance(a, Refused)] == ["last_to_lead"]


@pytest.mark.parametrize("who", ["cedar", "ash", "moderator", "olive", "nobody"])
def test_only_staff_who_lead_groups_are_added(circle: Circle, olive: User, who: str) -> None:
    outsiders = {
        "olive": olive,
        "nobody": User(id=uuid7()),
        "moderator": hire(circle.programme, circle.dana, "moderator"),
    }
    colleague = outsiders.get(who) or getattr(circle, who)
    before = leaders(circle)
    with pytest.raises(Refused) as refusal:
        add(circle, colleague)
    assert refusal.value.code == "not_staff"
    assert leaders(circle) == before


def test_nobody_is_added_twice(circle: Circle, eli: User) -> None:
    add(circle, eli)
    before = leaders(circle)
    with pytest.raises(Refused) as refusal:
        add(circle, eli, alias="Other")
    assert refusal.value.code == "leads_already"
    assert leaders(circle) == before


def test_members_and_strangers_neither_add_nor_step_back(
    circle: Circle, eli: User, olive: User
) -> None:
    before = leaders(circle)
    for other, error in ((circle.ash, NotAllowed), (eli, NotFound), (olive, NotFound)):
        with pytest.raises(error):
            add(circle, eli, by=other)
        with pytest.raises(error):
            step_back(circle, other)
    assert leaders(circle) == before
