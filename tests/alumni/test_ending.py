"""Either ends a connection at any time; a block always wins, and nobody is told."""

from __future__ import annotations

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from foundation.problems import NotAllowed, NotFound, Refused
from recovery.conversations.models import Block
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.alumni.pairs import KIND, accept, ask, connect, everything, pair_consents, side
from tests.factories.peers import Circle, act, scopes_of, seen, signed
from tests.factories.people import NOW


def end(user: User) -> None:
    act(user, "alumni.end_connection", {"connection": side(user)["id"]})


def revoke(user: User) -> None:
    [consent] = [c for c in seen(user, "consent") if c["kind"] == KIND]
    act(user, "privacy.revoke_consent", {"consent": consent["id"]})


def block(circle: Circle, user: User, other: User) -> str:
    answer = act(user, "alumni.block_person", {"card": circle.card(other)})
    return str((answer.data or {})["block"])


WAYS = {
    "end": lambda circle: end(circle.birch),
    "revoke": lambda circle: revoke(circle.birch),
    "block": lambda circle: block(circle, circle.birch, circle.ash),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_end_closes_the_pair_for_both(circle: Circle, way: str) -> None:
    pair = connect(circle)
    act(circle.ash, "alumni.post_message", {"id": uuid7(), "pair": pair, "text": "hi"})
    assert seen(circle.birch, "message")
    WAYS[way](circle)
    for user in (circle.ash, circle.birch):
        assert "pair" not in scopes_of(user)
        assert side(user)["state"] == "ended"
        with pytest.raises(NotFound):
            act(user, "alumni.post_message", {"id": uuid7(), "pair": pair, "text": "hi"})
    assert pair_consents(circle.birch) == ["revoked"]
    assert pair_consents(circle.ash) == ["expired"]


@pytest.mark.parametrize("way", ["end", "revoke"])
def test_a_request_that_was_taken_back_cannot_be_accepted(circle: Circle, way: str) -> None:
    ask(circle, circle.birch, circle.ash)
    waiting = side(circle.ash)["id"]
    WAYS[way](circle)
    before = everything(circle.ash, circle.birch)
    with pytest.raises(Refused) as refusal:
        accept(circle.ash, connection=waiting)
    assert refusal.value.code == "answered"
    assert everything(circle.ash, circle.birch) == before
    assert side(circle.ash)["state"] == "ended"


def test_what_is_over_is_over(circle: Circle) -> None:
    connect(circle)
    end(circle.ash)
    before = everything(circle.ash, circle.birch)
    with pytest.raises(Refused) as refusal:
        end(circle.birch)
    assert refusal.value.code == "over"
    assert everything(circle.ash, circle.birch) == before


def test_who_parted_may_connect_again(circle: Circle) -> None:
    first = connect(circle)
    end(circle.ash)
    ask(circle, circle.ash, circle.birch)
    waiting = [c["id"] for c in seen(circle.birch, "connection") if c["state"] == "waiting"]
    data = {"connection": waiting[0], "consent": signed(KIND)}
    second = act(circle.birch, "alumni.accept_connection", data).data
    assert second
    assert second["pair"] != first
    assert [pair["id"] for pair in seen(circle.ash, "pair")] == [second["pair"]]


def test_ending_again_with_the_same_key_changes_nothing(circle: Circle) -> None:
    connect(circle)
    key, data = uuid7(), {"connection": side(circle.ash)["id"]}
    act(circle.ash, "alumni.end_connection", data, key=key)
    before = everything(circle.ash, circle.birch)
    assert act(circle.ash, "alumni.end_connection", data, key=key).dup
    assert everything(circle.ash, circle.birch) == before


# Blocking


def test_a_blocked_person_asks_and_hears_nothing(circle: Circle) -> None:
    """They see what they would see of somebody who has not answered."""
    block(circle, circle.birch, circle.ash)
    ask(circle, circle.ash, circle.birch)
    assert side(circle.ash)["state"] == "asked"
    assert seen(circle.birch, "connection") == []
    assert seen(circle.ash, "block") == []


def test_a_late_block_wins_over_a_yes(circle: Circle) -> None:
    """Birch accepted on one phone and had blocked on another that was offline."""
    connect(circle)
    block(circle, circle.birch, circle.ash)
    assert "pair" not in scopes_of(circle.ash)
    ask(circle, circle.ash, circle.birch)
    assert [c["state"] for c in seen(circle.birch, "connection")] == ["ended"]


@pytest.mark.parametrize("way", ["end", "block"])
def test_a_request_that_waits_ends_unknown_to_the_other(circle: Circle, way: str) -> None:
    ask(circle, circle.ash, circle.birch)
    waiting, theirs = side(circle.birch)["id"], everything(circle.ash)
    WAYS[way](circle)
    assert side(circle.birch)["state"] == "declined"
    assert everything(circle.ash) == theirs
    assert side(circle.ash)["state"] == "asked"
    before = everything(circle.ash, circle.birch)
    with pytest.raises(Refused) as refusal:
        accept(circle.birch, connection=waiting)
    assert refusal.value.code == "answered"
    assert everything(circle.ash, circle.birch) == before


def test_a_block_wins_over_a_request_that_came_in_the_same_moment(circle: Circle) -> None:
    """The block saw no request yet, and the request no block."""
    ask(circle, circle.ash, circle.birch)
    set_actor(circle.birch.id)
    Block(scope_id=circle.birch.id, blocked_user_id=circle.ash.id, card_id=uuid7(), since=NOW).save(
        force_insert=True
    )
    before = everything(circle.ash, circle.birch)
    with pytest.raises(Refused) as refusal:
        accept(circle.birch)
    assert refusal.value.code == "blocked_by_you"
    assert everything(circle.ash, circle.birch) == before


def test_whoever_blocks_does_not_ask(circle: Circle) -> None:
    block(circle, circle.birch, circle.ash)
    before = everything(circle.ash, circle.birch)
    with pytest.raises(Refused) as refusal:
        ask(circle, circle.birch, circle.ash)
    assert refusal.value.code == "blocked_by_you"
    assert everything(circle.ash, circle.birch) == before


def test_a_block_is_ones_own_and_there_once(circle: Circle) -> None:
    first = block(circle, circle.birch, circle.ash)
    assert block(circle, circle.birch, circle.ash) == first
    assert [(b["card"], b["alias"]) for b in seen(circle.birch, "block")] == [
        (circle.card(circle.ash), "Ash")
    ]
    assert seen(circle.ash, "block") == seen(circle.dana, "block") == []


def test_unblocking_lets_the_other_ask_again(circle: Circle) -> None:
    blocked = block(circle, circle.birch, circle.ash)
    act(circle.birch, "alumni.unblock_person", {"block": blocked})
    assert seen(circle.birch, "block") == []
    ask(circle, circle.ash, circle.birch)
    assert side(circle.birch)["state"] == "waiting"


def test_a_yes_from_before_a_block_can_be_met_after_it(circle: Circle) -> None:
    block(circle, circle.birch, circle.ash)
    ask(circle, circle.ash, circle.birch)
    [blocked] = seen(circle.birch, "block")
    act(circle.birch, "alumni.unblock_person", {"block": blocked["id"]})
    ask(circle, circle.birch, circle.ash)
    assert side(circle.ash)["state"] == side(circle.birch)["state"] == "connected"


@pytest.mark.parametrize("who", ["dana", "birch"])
def test_neither_staff_nor_oneself_can_be_blocked(circle: Circle, who: str) -> None:
    before = everything(circle.birch)
    with pytest.raises(Refused) as refusal:
        block(circle, circle.birch, getattr(circle, who))
    assert refusal.value.code == "not_a_peer"
    assert everything(circle.birch) == before


def test_strangers_block_and_unblock_nobody(circle: Circle, olive: User) -> None:
    blocked = block(circle, circle.birch, circle.ash)
    before = everything(circle.birch, circle.ash)
    for stranger in (olive, circle.cedar):
        with pytest.raises(NotFound):
            block(circle, stranger, circle.ash)
    with pytest.raises(NotAllowed):
        block(circle, circle.dana, circle.ash)
    for stranger in (olive, circle.ash, circle.dana):
        with pytest.raises(NotFound):
            act(stranger, "alumni.unblock_person", {"block": blocked})
    assert everything(circle.birch, circle.ash) == before


def test_both_stay_in_their_group(circle: Circle) -> None:
    """A block is an overlay there: it cuts no holes into what the others see."""
    block(circle, circle.birch, circle.ash)
    data: dict[str, Any] = {"id": uuid7(), "group": circle.group, "text": "hi"}
    act(circle.ash, "groups.post_message", data)
    assert [message["text"] for message in seen(circle.birch, "message")] == ["hi"]
