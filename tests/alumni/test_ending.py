"""Either user can end a connection at any time; a block always wins, and silently."""

from __future__ import annotations

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from foundation.problems import NotAllowed, NotFound, Refused
from recovery.conversations.models import Block
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.alumni.pairs import KIND, accept, ask, connect, everything, pair_consents, side
from tests.cast import NOW, Circle, act, documents, scopes_of, signed


def end(user: User) -> None:
    act(user, "alumni.end_connection", connection=side(user)["id"])


def revoke(user: User) -> None:
    [consent] = [c for c in documents(user, "consent") if c["kind"] == KIND]
    act(user, "privacy.revoke_consent", consent=consent["id"])


def block(circle: Circle, user: User, other: User) -> str:
    answer = act(user, "alumni.block_person", card=circle.card(other))
    return str((answer.data or {})["block"])


WAYS = {
    "end": lambda circle: end(circle.ben),
    "revoke": lambda circle: revoke(circle.ben),
    "block": lambda circle: block(circle, circle.ben, circle.ana),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_ending_closes_the_pair_for_both(circle: Circle, way: str) -> None:
    pair = connect(circle)
    act(circle.ana, "alumni.post_message", id=uuid7(), pair=pair, text="hi")
    assert documents(circle.ben, "message")
    WAYS[way](circle)
    for user in (circle.ana, circle.ben):
        assert "pair" not in scopes_of(user)
        assert side(user)["state"] == "ended"
        with pytest.raises(NotFound):
            act(user, "alumni.post_message", id=uuid7(), pair=pair, text="hi")
    assert pair_consents(circle.ben) == ["revoked"]
    assert pair_consents(circle.ana) == ["expired"]


@pytest.mark.parametrize("way", ["end", "revoke"])
def test_a_withdrawn_request_cannot_be_accepted(circle: Circle, way: str) -> None:
    ask(circle, circle.ben, circle.ana)
    waiting = side(circle.ana)["id"]
    WAYS[way](circle)
    before = everything(circle.ana, circle.ben)
    with pytest.raises(Refused) as refusal:
        accept(circle.ana, connection=waiting)
    assert refusal.value.code == "answered"
    assert everything(circle.ana, circle.ben) == before
    assert side(circle.ana)["state"] == "ended"


def test_an_ended_connection_cannot_be_ended_again(circle: Circle) -> None:
    connect(circle)
    end(circle.ana)
    before = everything(circle.ana, circle.ben)
    with pytest.raises(Refused) as refusal:
        end(circle.ben)
    assert refusal.value.code == "over"
    assert everything(circle.ana, circle.ben) == before


def test_two_users_may_connect_again(circle: Circle) -> None:
    first = connect(circle)
    end(circle.ana)
    ask(circle, circle.ana, circle.ben)
    waiting = [c["id"] for c in documents(circle.ben, "connection") if c["state"] == "waiting"]
    data = {"connection": waiting[0], "consent": signed(KIND)}
    second = act(circle.ben, "alumni.accept_connection", **data).data
    assert second
    assert second["pair"] != first
    assert [pair["id"] for pair in documents(circle.ana, "pair")] == [second["pair"]]


def test_a_retry_of_ending_with_the_same_key_changes_nothing(circle: Circle) -> None:
    connect(circle)
    key, data = uuid7(), {"connection": side(circle.ana)["id"]}
    act(circle.ana, "alumni.end_connection", key=key, **data)
    before = everything(circle.ana, circle.ben)
    assert act(circle.ana, "alumni.end_connection", key=key, **data).dup
    assert everything(circle.ana, circle.ben) == before


# Blocking


def test_a_blocked_users_request_reaches_nobody(circle: Circle) -> None:
    """To them it looks as if the other has not answered yet."""
    block(circle, circle.ben, circle.ana)
    ask(circle, circle.ana, circle.ben)
    assert side(circle.ana)["state"] == "asked"
    assert documents(circle.ben, "connection") == []
    assert documents(circle.ana, "block") == []


def test_a_late_block_wins_over_an_acceptance(circle: Circle) -> None:
    """Ben accepted on one phone after blocking on another, which was offline."""
    connect(circle)
    block(circle, circle.ben, circle.ana)
    assert "pair" not in scopes_of(circle.ana)
    ask(circle, circle.ana, circle.ben)
    assert [c["state"] for c in documents(circle.ben, "connection")] == ["ended"]


@pytest.mark.parametrize("way", ["end", "block"])
def test_ending_or_blocking_declines_a_waiting_request_silently(circle: Circle, way: str) -> None:
    ask(circle, circle.ana, circle.ben)
    waiting, theirs = side(circle.ben)["id"], everything(circle.ana)
    WAYS[way](circle)
    assert side(circle.ben)["state"] == "declined"
    assert everything(circle.ana) == theirs
    assert side(circle.ana)["state"] == "asked"
    before = everything(circle.ana, circle.ben)
    with pytest.raises(Refused) as refusal:
        accept(circle.ben, connection=waiting)
    assert refusal.value.code == "answered"
    assert everything(circle.ana, circle.ben) == before


def test_a_block_wins_over_a_concurrent_request(circle: Circle) -> None:
    """Neither transaction saw the other's row."""
    ask(circle, circle.ana, circle.ben)
    set_actor(circle.ben.id)
    Block(scope_id=circle.ben.id, blocked_user_id=circle.ana.id, card_id=uuid7(), since=NOW).save(
        force_insert=True
    )
    before = everything(circle.ana, circle.ben)
    with pytest.raises(Refused) as refusal:
        accept(circle.ben)
    assert refusal.value.code == "blocked_by_you"
    assert everything(circle.ana, circle.ben) == before


def test_a_user_cannot_ask_a_user_they_have_blocked(circle: Circle) -> None:
    block(circle, circle.ben, circle.ana)
    before = everything(circle.ana, circle.ben)
    with pytest.raises(Refused) as refusal:
        ask(circle, circle.ben, circle.ana)
    assert refusal.value.code == "blocked_by_you"
    assert everything(circle.ana, circle.ben) == before


def test_a_block_is_private_and_stored_once(circle: Circle) -> None:
    first = block(circle, circle.ben, circle.ana)
    assert block(circle, circle.ben, circle.ana) == first
    assert [(b["card"], b["alias"]) for b in documents(circle.ben, "block")] == [
        (circle.card(circle.ana), "Ana")
    ]
    assert documents(circle.ana, "block") == documents(circle.dana, "block") == []


def test_unblocking_lets_the_other_ask_again(circle: Circle) -> None:
    blocked = block(circle, circle.ben, circle.ana)
    act(circle.ben, "alumni.unblock_person", block=blocked)
    assert documents(circle.ben, "block") == []
    ask(circle, circle.ana, circle.ben)
    assert side(circle.ben)["state"] == "waiting"


def test_a_request_made_during_a_block_can_be_matched_after_it(circle: Circle) -> None:
    block(circle, circle.ben, circle.ana)
    ask(circle, circle.ana, circle.ben)
    [blocked] = documents(circle.ben, "block")
    act(circle.ben, "alumni.unblock_person", block=blocked["id"])
    ask(circle, circle.ben, circle.ana)
    assert side(circle.ana)["state"] == side(circle.ben)["state"] == "connected"


@pytest.mark.parametrize("who", ["dana", "ben"])
def test_users_cannot_block_staff_or_themselves(circle: Circle, who: str) -> None:
    before = everything(circle.ben)
    with pytest.raises(Refused) as refusal:
        block(circle, circle.ben, getattr(circle, who))
    assert refusal.value.code == "not_a_peer"
    assert everything(circle.ben) == before


def test_strangers_can_neither_block_nor_unblock(circle: Circle, olive: User) -> None:
    blocked = block(circle, circle.ben, circle.ana)
    before = everything(circle.ben, circle.ana)
    for stranger in (olive, circle.cleo):
        with pytest.raises(NotFound):
            block(circle, stranger, circle.ana)
    with pytest.raises(NotAllowed):
        block(circle, circle.dana, circle.ana)
    for stranger in (olive, circle.ana, circle.dana):
        with pytest.raises(NotFound):
            act(stranger, "alumni.unblock_person", block=blocked)
    assert everything(circle.ben, circle.ana) == before


def test_a_block_leaves_both_in_their_group(circle: Circle) -> None:
    """A block is an overlay in the group: its feed keeps every message."""
    block(circle, circle.ben, circle.ana)
    data: dict[str, Any] = {"id": uuid7(), "group": circle.group, "text": "hi"}
    act(circle.ana, "groups.post_message", **data)
    assert [message["text"] for message in documents(circle.ben, "message")] == ["hi"]
