"""E4: two people write to each other only after both have said yes."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from foundation.problems import Invalid, NotAllowed, NotFound, Refused
from notifications.models import Intent
from recovery.feed.context import set_actor
from recovery.feed.models import FeedEntry
from recovery.privacy.models import Consent
from recovery.signin.models import User
from tests.alumni.pairs import KIND, accept, ask, connect, everything, pair_consents, side
from tests.factories.peers import LEGAL_NAME, Circle, act, scopes_of, seen, signed
from tests.factories.people import NOW
from tests.factories.privacy import open_library


def test_the_other_learns_that_somebody_asks_and_by_which_alias(circle: Circle) -> None:
    ask(circle, circle.ash, circle.birch)
    asked = side(circle.birch)
    assert (asked["state"], asked["alias"], asked["avatar"]) == ("waiting", "Ash", "fern")
    assert asked["card"] == circle.card(circle.ash)
    assert side(circle.ash)["state"] == "asked"
    set_actor(circle.birch.id)
    told = Intent.objects.filter(scope_id=circle.birch.id, type="alumni.request")
    assert [(intent.push_class, intent.except_user) for intent in told] == [("sync", None)]


def test_one_yes_opens_nothing(circle: Circle) -> None:
    ask(circle, circle.ash, circle.birch)
    assert "pair" not in scopes_of(circle.ash) + scopes_of(circle.birch)


def test_two_open_a_pair_for_the_two(circle: Circle) -> None:
    pair = connect(circle)
    for user in (circle.ash, circle.birch):
        assert "pair" in scopes_of(user)
        assert (side(user)["state"], side(user)["pair"]) == ("connected", pair)
        cards = seen(user, "member_card", uuid.UUID(pair))
        assert sorted(card["alias"] for card in cards) == ["Ash", "Birch"]
        assert [p["id"] for p in seen(user, "pair")] == [pair]
    for other in (circle.cedar, circle.dana):
        assert "pair" not in scopes_of(other)


def test_each_signs_a_consent_about_the_other(circle: Circle) -> None:
    connect(circle)
    for user, other in ((circle.ash, "Birch"), (circle.birch, "Ash")):
        [consent] = [c for c in seen(user, "consent") if c["kind"] == KIND]
        assert other in consent["recipient"]
        assert consent["state"] == "active"
        assert all(consent[name].strip() and "{" not in consent[name] for name in Consent.ELEMENTS)


def test_no_legal_name_and_no_account_is_in_the_pair(circle: Circle) -> None:
    pair = connect(circle)
    set_actor(circle.ash.id)
    docs = " ".join(FeedEntry.objects.filter(scope_id=pair).values_list("doc", flat=True))
    sides = " ".join(
        FeedEntry.objects.filter(scope_id=circle.ash.id, kind="connection").values_list(
            "doc", flat=True
        )
    )
    assert "Birch" in docs
    for secret in (*LEGAL_NAME, str(circle.birch.id)):
        assert secret not in docs + sides


def test_two_who_ask_each_other_are_connected(circle: Circle) -> None:
    ask(circle, circle.ash, circle.birch)
    ask(circle, circle.birch, circle.ash)
    assert side(circle.ash)["state"] == side(circle.birch)["state"] == "connected"
    assert pair_consents(circle.ash) == pair_consents(circle.birch) == ["active"]


def test_a_no_is_silent(circle: Circle) -> None:
    ask(circle, circle.ash, circle.birch)
    before = side(circle.ash)
    act(circle.birch, "alumni.decline_connection", {"connection": side(circle.birch)["id"]})
    assert side(circle.birch)["state"] == "declined"
    assert side(circle.ash) == before
    assert "pair" not in scopes_of(circle.ash)


def test_who_said_no_may_change_their_mind(circle: Circle) -> None:
    ask(circle, circle.ash, circle.birch)
    act(circle.birch, "alumni.decline_connection", {"connection": side(circle.birch)["id"]})
    ask(circle, circle.birch, circle.ash)
    assert side(circle.ash)["state"] == "connected"
    assert [c["state"] for c in seen(circle.birch, "connection")] == ["declined", "connected"]


def test_a_yes_is_said_once(circle: Circle) -> None:
    ask(circle, circle.ash, circle.birch)
    before = everything(circle.ash, circle.birch)
    with pytest.raises(Refused) as refusal:
        ask(circle, circle.ash, circle.birch)
    assert refusal.value.code == "asked_already"
    assert everything(circle.ash, circle.birch) == before


def test_what_was_answered_is_answered(circle: Circle) -> None:
    connect(circle)
    before = everything(circle.ash, circle.birch)
    for name, data in (
        ("accept_connection", {"connection": side(circle.birch)["id"], "consent": signed(KIND)}),
        ("decline_connection", {"connection": side(circle.birch)["id"]}),
    ):
        with pytest.raises(Refused) as refusal:
            act(circle.birch, f"alumni.{name}", data)
        assert refusal.value.code == "answered"
    with pytest.raises(Refused) as refusal:
        ask(circle, circle.ash, circle.birch)
    assert refusal.value.code == "connected_already"
    assert everything(circle.ash, circle.birch) == before


def test_nobody_answers_for_another(circle: Circle, olive: User) -> None:
    ask(circle, circle.ash, circle.birch)
    waiting = side(circle.birch)["id"]
    before = everything(circle.ash, circle.birch)
    for other in (circle.ash, circle.dana, circle.cedar, olive):
        for name in ("accept", "decline", "end"):
            data: dict[str, Any] = {"connection": waiting}
            if name == "accept":
                data["consent"] = signed(KIND)
            with pytest.raises(NotFound):
                act(other, f"alumni.{name}_connection", data)
    assert everything(circle.ash, circle.birch) == before


def test_whoever_asks_cannot_accept_for_the_other(circle: Circle) -> None:
    ask(circle, circle.ash, circle.birch)
    before = everything(circle.ash, circle.birch)
    with pytest.raises(Refused) as refusal:
        accept(circle.ash)
    assert refusal.value.code == "answered"
    assert everything(circle.ash, circle.birch) == before


def test_people_are_found_in_a_shared_group_only(circle: Circle, olive: User) -> None:
    before = everything(circle.cedar, circle.birch)
    for stranger in (circle.cedar, olive):
        with pytest.raises(NotFound):
            ask(circle, stranger, circle.birch)
    with pytest.raises(NotFound):
        ask(circle, circle.ash, circle.cedar)
    assert everything(circle.cedar, circle.birch) == before


def test_staff_neither_ask_nor_are_asked(circle: Circle) -> None:
    open_library(circle.dana)
    before = everything(circle.ash, circle.dana)
    with pytest.raises(NotAllowed):
        ask(circle, circle.dana, circle.ash)
    for nobody in (circle.dana, circle.ash):
        with pytest.raises(Refused) as refusal:
            ask(circle, circle.ash, nobody)
        assert refusal.value.code == "not_a_peer"
    assert everything(circle.ash, circle.dana) == before


def test_somebody_who_has_left_the_group_is_not_asked(circle: Circle) -> None:
    act(circle.birch, "groups.leave", {"group": circle.group})
    before = everything(circle.ash, circle.birch)
    with pytest.raises(Refused) as refusal:
        ask(circle, circle.ash, circle.birch)
    assert refusal.value.code == "not_a_peer"
    assert everything(circle.ash, circle.birch) == before


@pytest.mark.parametrize("consent", [{}, {"form": "x", "signature": "A"}, None])
def test_a_yes_without_a_signature_is_none(circle: Circle, consent: Any) -> None:
    before = everything(circle.ash, circle.birch)
    with pytest.raises(Invalid):
        ask(circle, circle.ash, circle.birch, consent=consent)
    ask(circle, circle.birch, circle.ash)
    waiting = everything(circle.ash, circle.birch)
    with pytest.raises(Invalid):
        accept(circle.ash, consent=consent)
    assert everything(circle.ash, circle.birch) == waiting != before


def test_the_form_for_a_group_is_no_consent_to_a_pair(circle: Circle) -> None:
    before = everything(circle.ash, circle.birch)
    with pytest.raises(Refused) as refusal:
        ask(circle, circle.ash, circle.birch, consent=signed("peer_group_visibility"))
    assert refusal.value.code == "wrong_form"
    assert everything(circle.ash, circle.birch) == before


def test_a_yes_counts_only_while_its_consent_does(circle: Circle) -> None:
    ask(circle, circle.ash, circle.birch)
    set_actor(circle.ash.id)
    given = Consent.objects.visible_to(circle.ash).filter(kind=KIND)
    given.update(expires_on=NOW.date() - timedelta(days=1))
    before = everything(circle.ash, circle.birch)
    with pytest.raises(Refused) as refusal:
        accept(circle.birch)
    assert refusal.value.code == "withdrawn"
    assert everything(circle.ash, circle.birch) == before


def test_asking_again_with_the_same_key_changes_nothing(circle: Circle) -> None:
    key = uuid7()
    data = {"id": uuid7(), "card": circle.card(circle.birch), "consent": signed(KIND)}
    act(circle.ash, "alumni.request_connection", data, key=key)
    before = everything(circle.ash, circle.birch)
    assert act(circle.ash, "alumni.request_connection", data, key=key).dup
    assert everything(circle.ash, circle.birch) == before


def test_the_pair_outlives_the_group(circle: Circle) -> None:
    connect(circle)
    act(circle.ash, "groups.leave", {"group": circle.group})
    assert "group" not in scopes_of(circle.ash)
    assert "pair" in scopes_of(circle.ash)
    assert pair_consents(circle.ash) == ["active"]
