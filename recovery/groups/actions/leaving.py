"""Leaving a group: by choice, by revoking the consent, or because staff remove the member."""

from __future__ import annotations

import uuid

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.jobs import later
from recovery.care.actions.episodes import when_someone_dies
from recovery.conversations.actions import close_card
from recovery.conversations.models import MemberCard
from recovery.conversations.queries import card_of
from recovery.feed import scopes
from recovery.feed.context import acting_as
from recovery.feed.models import Membership, Scope
from recovery.groups.models import PeerGroup
from recovery.groups.rules import facilitates, is_member
from recovery.people import roles
from recovery.privacy.actions.consents import end_consent, when_revoked
from recovery.privacy.models import Consent
from recovery.privacy.queries import active_consent
from recovery.privacy.rules.wording import GROUP_CONSENT


class LeaveGroup(ActionInput):
    group = Ref(PeerGroup)


@action("groups.leave", input=LeaveGroup, allow=is_member)
def leave(call: Call, *, group: PeerGroup) -> dict[str, str]:
    """Leave and revoke the consent. The member's messages stay, without a name."""
    _end_consent(call, group.id, call.actor.id, "revoked")
    _end_membership(call, group.id, call.actor.id)
    return {"group": str(group.id)}


@when_revoked(GROUP_CONSENT)
def leave_with_consent(call: Call, consent: Consent) -> None:
    """End the membership in the same transaction, so that no one is shown without a consent."""
    _end_membership(call, consent.subject_id, consent.user_id)


class RemoveMember(ActionInput):
    card = Ref(MemberCard, lock=True)


@action("groups.remove_member", input=RemoveMember, allow=facilitates("card"))
def remove_member(call: Call, *, card: MemberCard) -> dict[str, str]:
    """Remove a member. Refused: `not_a_member` (staff, or a person who has left)."""
    if card.role != roles.MEMBER or card.left_at:
        raise Refused("not_a_member", "This person is not a member of the group.", current=card)
    _end_membership(call, card.scope_id, card.user_id)
    # The consent is in the care record, and the facilitator may not be on that care team. It
    # expires rather than being revoked: it was given until the membership ends.
    with acting_as(card.user_id):
        _end_consent(call, card.scope_id, card.user_id, "expired")
    return {"member_card": str(card.id)}


@when_someone_dies
def leave_every_group(call: Call, user_id: uuid.UUID) -> None:
    """Take a person who has died out of their groups, as if they had left. Nobody is notified."""
    # The facilitators' scopes are closed to the care team, and the person cannot act.
    with acting_as(user_id):
        mine = Scope.objects.filter(id__any=Membership.scopes_of(user_id), kind="group")
        for group in mine.order_by("id"):
            _end_consent(call, group.id, user_id, "expired")
            _end_membership(call, group.id, user_id)


def _end_consent(call: Call, group_id: uuid.UUID, user_id: uuid.UUID, state: str) -> None:
    consent = active_consent(user_id=user_id, kind=GROUP_CONSENT, subject_id=group_id)
    if consent:
        end_consent(call, consent, state)


def _end_membership(call: Call, group_id: uuid.UUID, user_id: uuid.UUID) -> None:
    card = card_of(group_id, user_id)
    if card and card.left_at is None:
        close_card(call, card)
        scopes.revoke(group_id, user_id)
        later("care.plan_person", user_id=str(user_id))
