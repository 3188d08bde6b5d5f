"""Two people, or one person's two phones, at the very same moment: one side is never alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.signin.models import User
from tests.alumni.pairs import KIND, ask, side
from tests.at_once import at_once
from tests.factories.peers import Circle, act, make_circle, scopes_of, seen, signed


@pytest.fixture
def circle(committed_db: None) -> Circle:
    return make_circle()


def sides(circle: Circle) -> tuple[set[str], set[str]]:
    """The states in which Ash and Birch have what goes on between them."""
    with transaction.atomic():
        return (
            {connection["state"] for connection in seen(circle.ash, "connection")},
            {connection["state"] for connection in seen(circle.birch, "connection")},
        )


def pairs(user: User) -> list[str]:
    with transaction.atomic():
        return [kind for kind in scopes_of(user) if kind == "pair"]


def accepting(user: User) -> Any:
    with transaction.atomic():
        connection = side(user)["id"]
    data = {"connection": connection, "consent": signed(KIND)}
    return lambda: act(user, "alumni.accept_connection", data)


@pytest.mark.parametrize("_", range(3))
def test_two_who_ask_each_other_at_once_are_connected(circle: Circle, _: int) -> None:
    ash, birch = circle.ash, circle.birch
    requests = [
        lambda who=who, card=card: act(
            who,
            "alumni.request_connection",
            {"id": uuid7(), "card": card, "consent": signed(KIND)},
        )
        for who, card in ((ash, circle.card(birch)), (birch, circle.card(ash)))
    ]
    answers = at_once(*requests)
    assert [answer.status for answer in answers] == ["applied", "applied"]
    assert sides(circle) == ({"connected"}, {"connected"})
    assert len(pairs(ash)) == len(pairs(birch)) == 1


@pytest.mark.parametrize("_", range(3))
def test_a_block_wins_over_the_other_phones_yes(circle: Circle, _: int) -> None:
    ash, birch = circle.ash, circle.birch
    ask(circle, ash, birch)
    card = circle.card(ash)
    at_once(accepting(birch), lambda: act(birch, "alumni.block_person", {"card": card}))
    # Where the block came before the yes, Ash never learns that there was an answer.
    assert sides(circle) in (({"ended"}, {"ended"}), ({"asked"}, {"declined"}))
    assert pairs(ash) == pairs(birch) == []


@pytest.mark.parametrize("_", range(3))
def test_a_block_wins_over_the_others_yes(circle: Circle, _: int) -> None:
    ash, birch = circle.ash, circle.birch
    ask(circle, ash, birch)
    card = circle.card(birch)
    at_once(accepting(birch), lambda: act(ash, "alumni.block_person", {"card": card}))
    assert sides(circle) == ({"ended"}, {"ended"})
    assert pairs(ash) == pairs(birch) == []


def test_a_request_is_taken_back_or_accepted_and_never_half(circle: Circle) -> None:
    ash, birch = circle.ash, circle.birch
    ask(circle, ash, birch)
    with transaction.atomic():
        asked = side(ash)["id"]
    at_once(accepting(birch), lambda: act(ash, "alumni.end_connection", {"connection": asked}))
    mine, theirs = sides(circle)
    assert mine == theirs
    assert len(pairs(ash)) == len(pairs(birch)) == (1 if mine == {"connected"} else 0)
