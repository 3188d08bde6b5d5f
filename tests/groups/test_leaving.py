"""A member who leaves neither sees the group nor is seen, and their consent ends at once."""

from __future__ import annotations

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from foundation.problems import NotAllowed, NotFound, Refused
from recovery.conversations.models import MemberCard
from recovery.feed.context import set_actor
from recovery.feed.models import Membership
from recovery.privacy.models import Consent
from recovery.signin.models import User
from tests.cast import Circle, act, documents, invite, joining, scopes_of

GROUP = ["care", "group", "library", "person", "program"]


def consent_states(user: User) -> list[str]:
    return [consent["state"] for consent in documents(user, "consent")]


def leave(circle: Circle) -> None:
    act(circle.ana, "groups.leave", group=circle.group)


def revoke(circle: Circle) -> None:
    [consent] = documents(circle.ana, "consent")
    act(circle.ana, "privacy.revoke_consent", consent=consent["id"])


def remove(circle: Circle) -> None:
    act(circle.dana, "groups.remove_member", card=circle.card(circle.ana))


@pytest.mark.parametrize(
    ("way", "consent"), [(leave, "revoked"), (revoke, "revoked"), (remove, "expired")]
)
def test_every_way_of_leaving_ends_membership_card_and_consent(
    circle: Circle, way: Any, consent: str
) -> None:
    text = {"id": uuid7(), "group": circle.group, "text": "I was here"}
    act(circle.ana, "groups.post_message", **text)
    assert scopes_of(circle.ana) == GROUP
    way(circle)
    assert scopes_of(circle.ana) == [kind for kind in GROUP if kind != "group"]
    assert MemberCard.objects.visible_to(circle.ana).count() == 0
    assert consent_states(circle.ana) == [consent]
    cards = {card["id"]: card for card in documents(circle.ben, "member_card", circle.group)}
    card = cards[circle.card(circle.ana)]
    assert (card["alias"], card["avatar"]) == ("", "")
    assert card["left_at"]
    [message] = documents(circle.ben, "message")
    assert (message["text"], message["author"]) == ("I was here", circle.card(circle.ana))


@pytest.mark.parametrize("way", [leave, revoke, remove])
def test_a_former_member_can_no_longer_write(circle: Circle, way: Any) -> None:
    way(circle)
    with pytest.raises(NotFound):
        act(circle.ana, "groups.post_message", id=uuid7(), group=circle.group, text="x")
    assert documents(circle.ben, "message") == []


def test_other_members_consents_stay_active(circle: Circle) -> None:
    leave(circle)
    assert consent_states(circle.ben) == ["active"]
    assert "group" in scopes_of(circle.ben)


def test_a_returning_member_signs_again_and_keeps_their_card(circle: Circle) -> None:
    leave(circle)
    invitation = invite(circle.dana, circle.group, circle.records["ana"])
    act(circle.ana, "groups.join", **joining(invitation, "Aspen"))
    assert sorted(consent_states(circle.ana)) == ["active", "revoked"]
    cards = {card["id"]: card for card in documents(circle.ben, "member_card", circle.group)}
    assert cards[circle.card(circle.ana)]["alias"] == "Aspen"
    assert cards[circle.card(circle.ana)]["left_at"] is None


def test_an_alias_is_free_again_after_its_owner_leaves(circle: Circle) -> None:
    leave(circle)
    circle.bring_in("cleo", "Ana")
    cards = documents(circle.ben, "member_card", circle.group)
    assert sorted(card["alias"] for card in cards) == ["", "Ana", "Ben", "Dana"]


def everything(circle: Circle) -> tuple[Any, ...]:
    set_actor(circle.dana.id)
    cards = sorted(MemberCard.objects.in_scope(circle.group).values_list("id", "left_at"))
    places = sorted(
        Membership.objects.filter(scope_id=circle.group).values_list("user_id", "role", "held")
    )
    consents = [consent_states(user) for user in (circle.ana, circle.ben)]
    return cards, places, consents


def test_members_cannot_remove_each_other(circle: Circle) -> None:
    before = everything(circle)
    with pytest.raises(NotAllowed):
        act(circle.ben, "groups.remove_member", card=circle.card(circle.ana))
    assert everything(circle) == before


def test_strangers_cannot_find_the_group_or_its_members(circle: Circle, olive: User) -> None:
    before = everything(circle)
    for stranger in (olive, circle.cleo):
        with pytest.raises(NotFound):
            act(stranger, "groups.remove_member", card=circle.card(circle.ana))
        with pytest.raises(NotFound):
            act(stranger, "groups.leave", group=circle.group)
    assert everything(circle) == before


def test_a_facilitator_can_neither_leave_nor_be_removed(circle: Circle) -> None:
    before = everything(circle)
    with pytest.raises(NotAllowed):
        act(circle.dana, "groups.leave", group=circle.group)
    with pytest.raises(Refused) as refusal:
        act(circle.dana, "groups.remove_member", card=circle.card(circle.dana))
    assert refusal.value.code == "not_a_member"
    assert everything(circle) == before


def test_a_member_cannot_be_removed_twice(circle: Circle) -> None:
    remove(circle)
    before = everything(circle)
    with pytest.raises(Refused) as refusal:
        remove(circle)
    assert refusal.value.code == "not_a_member"
    assert everything(circle) == before


def test_a_retry_of_leaving_with_the_same_key_changes_nothing(circle: Circle) -> None:
    key = uuid7()
    act(circle.ana, "groups.leave", key=key, group=circle.group)
    before = everything(circle)
    assert act(circle.ana, "groups.leave", key=key, group=circle.group).dup
    assert everything(circle) == before


# Revoking a consent


def test_a_consent_can_be_revoked_once(circle: Circle) -> None:
    [consent] = documents(circle.ana, "consent")
    revoke(circle)
    before = everything(circle)
    with pytest.raises(Refused) as refusal:
        act(circle.ana, "privacy.revoke_consent", consent=consent["id"])
    assert refusal.value.code == "not_in_force"
    assert everything(circle) == before


def test_only_the_patient_revokes_their_consent(circle: Circle, olive: User) -> None:
    [consent] = documents(circle.ana, "consent")
    before = everything(circle)
    with pytest.raises(NotAllowed):  # Dana is on Ana's care team and sees the consent.
        act(circle.dana, "privacy.revoke_consent", consent=consent["id"])
    for stranger in (circle.ben, olive):
        with pytest.raises(NotFound):
            act(stranger, "privacy.revoke_consent", consent=consent["id"])
    assert everything(circle) == before


def test_an_ended_consent_is_kept_as_signed(circle: Circle) -> None:
    [active] = documents(circle.ana, "consent")
    revoke(circle)
    [ended] = documents(circle.ana, "consent")
    kept = {name: ended[name] for name in (*Consent.ELEMENTS, "text_hash", "signed_at")}
    assert kept == {name: active[name] for name in kept}
    assert ended["ended_at"]
