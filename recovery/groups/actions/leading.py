"""Who leads a group: cover during holidays, and handing over."""

from __future__ import annotations

import uuid

from rest_framework import serializers

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.fields import Name
from recovery.care.rules.access import staff_role
from recovery.conversations.actions import close_card, open_card, require_own_alias
from recovery.conversations.queries import cards
from recovery.feed import scopes
from recovery.groups import queries
from recovery.groups.models import PeerGroup
from recovery.groups.rules import LEADERS, facilitates
from recovery.people import roles


class AddFacilitator(ActionInput):
    """`colleague`: the user id of another member of staff. `alias`: how members know them."""

    group = Ref(PeerGroup, lock=True)
    colleague = serializers.UUIDField()
    alias = Name(max_length=40)


@action("groups.add_facilitator", input=AddFacilitator, allow=facilitates("group"))
def add_facilitator(
    call: Call, *, group: PeerGroup, colleague: uuid.UUID, alias: str
) -> dict[str, str]:
    """Let a colleague lead the group too. They can read earlier messages, because the members
    consented to the staff who lead it. Refused: `not_staff`, `leads_already`, `alias_taken`."""
    if staff_role(group.programme_id, colleague) not in LEADERS:
        raise Refused(
            "not_staff", "This person is not on the programme's staff, or does not lead groups."
        )
    if scopes.role_of(group.scope_id, colleague):
        raise Refused("leads_already", "This person is already in the group.")
    require_own_alias(group.scope_id, alias, colleague)
    scopes.grant(group.scope_id, colleague, roles.FACILITATOR)
    card = open_card(
        call, group.scope_id, colleague, alias=alias, avatar="", role=roles.FACILITATOR
    )
    return {"member_card": str(card.id)}


class StepBack(ActionInput):
    # Locked, so that of two facilitators who step back at the same time, one stays.
    group = Ref(PeerGroup, lock=True)


@action("groups.step_back", input=StepBack, allow=facilitates("group"))
def step_back(call: Call, *, group: PeerGroup) -> dict[str, str]:
    """Stop leading the group, which voids the caller's invitations. Refused: `last_to_lead`."""
    # By memberships: a colleague who has left the programme leads no group, but still has a card.
    if queries.facilitators(group.scope_id) == {call.actor.id}:
        raise Refused("last_to_lead", "A group needs a leader. Please add a colleague first.")
    close_card(call, cards(group.scope_id).get(user_id=call.actor.id))
    scopes.revoke(group.scope_id, call.actor.id)
    return {"group": str(group.scope_id)}
