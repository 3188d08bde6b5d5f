"""Who leads a group: cover for holidays, and handing over."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.care.rules.access import staff_role
from recovery.conversations.actions import close_card, open_card
from recovery.conversations.queries import cards
from recovery.feed import scopes
from recovery.groups.models import PeerGroup
from recovery.groups.rules import LEADERS, facilitates


class AddFacilitator(ActionInput):
    """`colleague`: an account of the programme's staff; `alias`: as members will know them."""

    group = Ref(PeerGroup, lock=True)
    colleague = serializers.UUIDField()
    alias = serializers.CharField(max_length=40)


@action("groups.add_facilitator", input=AddFacilitator, allow=facilitates("group"))
def add_facilitator(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Let a colleague lead the group too. They read what was said before: members consented to
    the staff who lead it. Refused: `not_staff`, `leads_already`, `alias_taken`."""
    group, colleague = data["group"], data["colleague"]
    if staff_role(group.programme_id, colleague) not in LEADERS:
        raise Refused("not_staff", "Only staff of the programme who lead groups can do this.")
    if scopes.role_of(group.scope_id, colleague):
        raise Refused("leads_already", "This person leads the group already.")
    scopes.grant(group.scope_id, colleague, "facilitator")
    card = open_card(
        call, group.scope_id, colleague, alias=data["alias"], avatar="", role="facilitator"
    )
    return {"member_card": str(card.id)}


class StepBack(ActionInput):
    group = Ref(PeerGroup, lock=True)


@action("groups.step_back", input=StepBack, allow=facilitates("group"))
def step_back(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Lead the group no longer; their open invitations end with it. Refused: `last_to_lead`."""
    scope, own = data["group"].scope_id, call.actor.id
    leading = cards(scope).filter(role="facilitator")
    if not leading.exclude(user_id=own).exists():
        raise Refused("last_to_lead", "Somebody must lead the group. Add a colleague first.")
    close_card(call, leading.get(user_id=own))
    scopes.revoke(scope, own)
    return {"group": str(scope)}
