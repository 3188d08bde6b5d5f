"""Leaving a group, by oneself, with one's consent, or because staff decide so."""

from __future__ import annotations

from typing import Any

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.jobs import later
from recovery.conversations.actions import close_card
from recovery.conversations.models import MemberCard
from recovery.conversations.queries import card_of
from recovery.feed import scopes
from recovery.feed.context import acting_as
from recovery.groups.models import PeerGroup
from recovery.groups.rules import facilitates, is_member
from recovery.privacy.actions.consents import end_consent, when_revoked
from recovery.privacy.models import Consent
from recovery.privacy.queries import given_consent


class LeaveGroup(ActionInput):
    group = Ref(PeerGroup)


@action("groups.leave", input=LeaveGroup, allow=is_member)
def leave(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Go, and take the consent back. One's phones drop the group; messages stay, without a name."""
    group = data["group"]
    _end_consent(call, group.id, call.actor.id, "revoked")
    _go(call, group.id, call.actor.id)
    return {"group": str(group.id)}


@when_revoked("peer_group_visibility")
def leave_with_consent(call: Call, consent: Consent) -> None:
    """Without the consent nobody may be seen: the membership ends in the same moment."""
    _go(call, consent.subject_id, consent.user_id)


class RemoveMember(ActionInput):
    card = Ref(MemberCard, lock=True)


@action("groups.remove_member", input=RemoveMember, allow=facilitates("card"))
def remove_member(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Take a member out. Refused: `not_a_member` (staff, or somebody who has left)."""
    card = data["card"]
    if card.role != "member" or card.left_at:
        raise Refused("not_a_member", "This person is not a member of the group.", current=card)
    _go(call, card.scope_id, card.user_id)
    # The consent lies in the care record, whose team the facilitator need not be on; it ends
    # because what it named as its end has come.
    with acting_as(card.user_id):
        _end_consent(call, card.scope_id, card.user_id, "expired")
    return {"member_card": str(card.id)}


def _end_consent(call: Call, group_id: Any, user_id: Any, state: str) -> None:
    consent = given_consent(user_id=user_id, kind="peer_group_visibility", subject_id=group_id)
    if consent:
        end_consent(call, consent, state)


def _go(call: Call, group_id: Any, user_id: Any) -> None:
    card = card_of(group_id, user_id)
    if card and card.left_at is None:
        close_card(call, card)
        scopes.revoke(group_id, user_id)
        later("care.plan_person", user_id=str(user_id))
