"""Concurrent requests, answers and blocks: the two sides of a connection always agree."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.signin.models import User
from tests.alumni.pairs import KIND, ask, side
from tests.at_once import at_once
from tests.cast import Circle, act, documents, make_circle, scopes_of, signed


@pytest.fixture
def circle(committed_db: None) -> Circle:
    return make_circle()


def sides(circle: Circle) -> tuple[set[str], set[str]]:
    """The states of Ana's and of Ben's connections."""
    return (
        {connection["state"] for connection in documents(circle.ana, "connection")},
        {connection["state"] for connection in documents(circle.ben, "connection")},
    )


def pairs(user: User) -> list[str]:
    return [kind for kind in scopes_of(user) if kind == "pair"]


def accepting(user: User) -> Any:
    data = {"connection": side(user)["id"], "consent": signed(KIND)}
    return lambda: act(user, "alumni.accept_connection", **data)


@pytest.mark.parametrize("_", range(3))
def test_two_users_who_ask_each_other_at_once_are_connected(circle: Circle, _: int) -> None:
    ana, ben = circle.ana, circle.ben
    requests = [
        lambda who=who, card=card: act(
            who, "alumni.request_connection", id=uuid7(), card=card, consent=signed(KIND)
        )
        for who, card in ((ana, circle.card(ben)), (ben, circle.card(ana)))
    ]
    answers = at_once(*requests)
    assert [answer.status for answer in answers] == ["applied", "applied"]
    assert sides(circle) == ({"connected"}, {"connected"})
    assert len(pairs(ana)) == len(pairs(ben)) == 1


@pytest.mark.parametrize("_", range(3))
def test_a_block_wins_over_an_acceptance_from_the_same_users_other_phone(
    circle: Circle, _: int
) -> None:
    ana, ben = circle.ana, circle.ben
    ask(circle, ana, ben)
    card = circle.card(ana)
    at_once(accepting(ben), lambda: act(ben, "alumni.block_person", card=card))
    # If the block comes first, Ana never learns that Ben has answered.
    assert sides(circle) in (({"ended"}, {"ended"}), ({"asked"}, {"declined"}))
    assert pairs(ana) == pairs(ben) == []


@pytest.mark.parametrize("_", range(3))
def test_a_block_wins_over_the_other_users_acceptance(circle: Circle, _: int) -> None:
    ana, ben = circle.ana, circle.ben
    ask(circle, ana, ben)
    card = circle.card(ben)
    at_once(accepting(ben), lambda: act(ana, "alumni.block_person", card=card))
    assert sides(circle) == ({"ended"}, {"ended"})
    assert pairs(ana) == pairs(ben) == []


@pytest.mark.parametrize("_", range(3))
def test_a_block_wins_over_the_other_users_request(circle: Circle, _: int) -> None:
    ana, ben = circle.ana, circle.ben
    card = circle.card(ana)
    at_once(lambda: ask(circle, ana, ben), lambda: act(ben, "alumni.block_person", card=card))
    # Ben has declined the request, or never got it.
    assert sides(circle) in (({"asked"}, {"declined"}), ({"asked"}, set()))


def test_a_request_is_withdrawn_or_accepted_on_both_sides(circle: Circle) -> None:
    ana, ben = circle.ana, circle.ben
    ask(circle, ana, ben)
    with transaction.atomic():
        request_id = side(ana)["id"]
    at_once(accepting(ben), lambda: act(ana, "alumni.end_connection", connection=request_id))
    mine, theirs = sides(circle)
    assert mine == theirs
    assert len(pairs(ana)) == len(pairs(ben)) == (1 if mine == {"connected"} else 0)
