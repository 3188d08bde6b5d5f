"""E4: two members can write to each other only after both have agreed."""

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
from tests.cast import LEGAL_NAME, NOW, Circle, act, documents, open_library, scopes_of, signed


def test_a_request_shows_the_senders_alias_and_notifies_the_recipient(circle: Circle) -> None:
    ask(circle, circle.ana, circle.ben)
    request = side(circle.ben)
    assert (request["state"], request["alias"], request["avatar"]) == ("waiting", "Ana", "fern")
    assert request["card"] == circle.card(circle.ana)
    assert side(circle.ana)["state"] == "asked"
    set_actor(circle.ben.id)
    intents = Intent.objects.filter(scope_id=circle.ben.id, type="alumni.request")
    assert [(intent.push_class, intent.except_user) for intent in intents] == [("sync", None)]


def test_a_request_alone_does_not_create_a_pair(circle: Circle) -> None:
    ask(circle, circle.ana, circle.ben)
    assert "pair" not in scopes_of(circle.ana) + scopes_of(circle.ben)


def test_accepting_creates_a_pair_for_the_two(circle: Circle) -> None:
    pair = connect(circle)
    for user in (circle.ana, circle.ben):
        assert "pair" in scopes_of(user)
        assert (side(user)["state"], side(user)["pair"]) == ("connected", pair)
        cards = documents(user, "member_card", uuid.UUID(pair))
        assert sorted(card["alias"] for card in cards) == ["Ana", "Ben"]
        assert [p["id"] for p in documents(user, "pair")] == [pair]
    for other in (circle.cleo, circle.dana):
        assert "pair" not in scopes_of(other)


def test_each_signs_a_consent_that_names_the_other(circle: Circle) -> None:
    connect(circle)
    for user, other in ((circle.ana, "Ben"), (circle.ben, "Ana")):
        [consent] = [c for c in documents(user, "consent") if c["kind"] == KIND]
        assert other in consent["recipient"]
        assert consent["state"] == "active"
        assert all(consent[name].strip() and "{" not in consent[name] for name in Consent.ELEMENTS)


def test_a_pair_contains_no_legal_name_or_account_id(circle: Circle) -> None:
    pair = connect(circle)
    set_actor(circle.ana.id)
    docs = " ".join(FeedEntry.objects.filter(scope_id=pair).values_list("doc", flat=True))
    sides = " ".join(
        FeedEntry.objects.filter(scope_id=circle.ana.id, kind="connection").values_list(
            "doc", flat=True
        )
    )
    assert "Ben" in docs
    for secret in (*LEGAL_NAME, str(circle.ben.id)):
        assert secret not in docs + sides


def test_two_users_who_ask_each_other_are_connected(circle: Circle) -> None:
    ask(circle, circle.ana, circle.ben)
    ask(circle, circle.ben, circle.ana)
    assert side(circle.ana)["state"] == side(circle.ben)["state"] == "connected"
    assert pair_consents(circle.ana) == pair_consents(circle.ben) == ["active"]


def test_declining_is_silent(circle: Circle) -> None:
    ask(circle, circle.ana, circle.ben)
    before = side(circle.ana)
    act(circle.ben, "alumni.decline_connection", connection=side(circle.ben)["id"])
    assert side(circle.ben)["state"] == "declined"
    assert side(circle.ana) == before
    assert "pair" not in scopes_of(circle.ana)


def test_a_user_who_declined_may_ask_later(circle: Circle) -> None:
    ask(circle, circle.ana, circle.ben)
    act(circle.ben, "alumni.decline_connection", connection=side(circle.ben)["id"])
    ask(circle, circle.ben, circle.ana)
    assert side(circle.ana)["state"] == "connected"
    assert [c["state"] for c in documents(circle.ben, "connection")] == ["declined", "connected"]


def test_a_request_cannot_be_repeated(circle: Circle) -> None:
    ask(circle, circle.ana, circle.ben)
    before = everything(circle.ana, circle.ben)
    with pytest.raises(Refused) as refusal:
        ask(circle, circle.ana, circle.ben)
    assert refusal.value.code == "asked_already"
    assert everything(circle.ana, circle.ben) == before


def test_a_connection_can_be_answered_once(circle: Circle) -> None:
    connect(circle)
    before = everything(circle.ana, circle.ben)
    for name, data in (
        ("accept_connection", {"connection": side(circle.ben)["id"], "consent": signed(KIND)}),
        ("decline_connection", {"connection": side(circle.ben)["id"]}),
    ):
        with pytest.raises(Refused) as refusal:
            act(circle.ben, f"alumni.{name}", **data)
        assert refusal.value.code == "answered"
    with pytest.raises(Refused) as refusal:
        ask(circle, circle.ana, circle.ben)
    assert refusal.value.code == "connected_already"
    assert everything(circle.ana, circle.ben) == before


def test_only_the_recipient_answers_a_request(circle: Circle, olive: User) -> None:
    ask(circle, circle.ana, circle.ben)
    waiting = side(circle.ben)["id"]
    before = everything(circle.ana, circle.ben)
    for other in (circle.ana, circle.dana, circle.cleo, olive):
        for name in ("accept", "decline", "end"):
            data: dict[str, Any] = {"connection": waiting}
            if name == "accept":
                data["consent"] = signed(KIND)
            with pytest.raises(NotFound):
                act(other, f"alumni.{name}_connection", **data)
    assert everything(circle.ana, circle.ben) == before


def test_the_sender_cannot_accept_their_own_request(circle: Circle) -> None:
    ask(circle, circle.ana, circle.ben)
    before = everything(circle.ana, circle.ben)
    with pytest.raises(Refused) as refusal:
        accept(circle.ana)
    assert refusal.value.code == "answered"
    assert everything(circle.ana, circle.ben) == before


def test_users_can_only_ask_members_of_a_shared_group(circle: Circle, olive: User) -> None:
    before = everything(circle.cleo, circle.ben)
    for stranger in (circle.cleo, olive):
        with pytest.raises(NotFound):
            ask(circle, stranger, circle.ben)
    with pytest.raises(NotFound):
        ask(circle, circle.ana, circle.cleo)
    assert everything(circle.cleo, circle.ben) == before


def test_staff_can_neither_ask_nor_be_asked(circle: Circle) -> None:
    open_library(circle.dana)
    before = everything(circle.ana, circle.dana)
    with pytest.raises(NotAllowed):
        ask(circle, circle.dana, circle.ana)
    for user in (circle.dana, circle.ana):
        with pytest.raises(Refused) as refusal:
            ask(circle, circle.ana, user)
        assert refusal.value.code == "not_a_peer"
    assert everything(circle.ana, circle.dana) == before


def test_a_former_member_of_the_group_cannot_be_asked(circle: Circle) -> None:
    act(circle.ben, "groups.leave", group=circle.group)
    before = everything(circle.ana, circle.ben)
    with pytest.raises(Refused) as refusal:
        ask(circle, circle.ana, circle.ben)
    assert refusal.value.code == "not_a_peer"
    assert everything(circle.ana, circle.ben) == before


@pytest.mark.parametrize("consent", [{}, {"form": "x", "signature": "A"}, None])
def test_asking_and_accepting_need_a_signature(circle: Circle, consent: Any) -> None:
    before = everything(circle.ana, circle.ben)
    with pytest.raises(Invalid):
        ask(circle, circle.ana, circle.ben, consent=consent)
    ask(circle, circle.ben, circle.ana)
    waiting = everything(circle.ana, circle.ben)
    with pytest.raises(Invalid):
        accept(circle.ana, consent=consent)
    assert everything(circle.ana, circle.ben) == waiting != before


def test_the_consent_form_for_groups_is_refused_for_a_pair(circle: Circle) -> None:
    before = everything(circle.ana, circle.ben)
    with pytest.raises(Refused) as refusal:
        ask(circle, circle.ana, circle.ben, consent=signed("peer_group_visibility"))
    assert refusal.value.code == "wrong_form"
    assert everything(circle.ana, circle.ben) == before


def test_a_request_cannot_be_accepted_after_its_consent_expires(circle: Circle) -> None:
    ask(circle, circle.ana, circle.ben)
    set_actor(circle.ana.id)
    consents = Consent.objects.visible_to(circle.ana).filter(kind=KIND)
    consents.update(expires_on=NOW.date() - timedelta(days=1))
    before = everything(circle.ana, circle.ben)
    with pytest.raises(Refused) as refusal:
        accept(circle.ben)
    assert refusal.value.code == "withdrawn"
    assert everything(circle.ana, circle.ben) == before


def test_a_retry_with_the_same_key_changes_nothing(circle: Circle) -> None:
    key = uuid7()
    data = {"id": uuid7(), "card": circle.card(circle.ben), "consent": signed(KIND)}
    act(circle.ana, "alumni.request_connection", key=key, **data)
    before = everything(circle.ana, circle.ben)
    assert act(circle.ana, "alumni.request_connection", key=key, **data).dup
    assert everything(circle.ana, circle.ben) == before


def test_the_pair_outlives_the_group(circle: Circle) -> None:
    connect(circle)
    act(circle.ana, "groups.leave", group=circle.group)
    assert "group" not in scopes_of(circle.ana)
    assert "pair" in scopes_of(circle.ana)
    assert pair_consents(circle.ana) == ["active"]
