"""Staff open a group and invite patients; nobody is in it before they say yes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from uuid_utils.compat import uuid7

from notifications import queue
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.care.models import CareRecord, Programme, ProgrammeCard
from recovery.conversations.actions import open_card
from recovery.feed import publish, scopes
from recovery.feed.context import acting_as
from recovery.groups import queries
from recovery.groups.models import GroupInvitation, PeerGroup
from recovery.groups.notification_types import INVITATION
from recovery.groups.rules import facilitates, leads_groups


class CreateGroup(ActionInput):
    """`id`: a UUIDv7, which becomes the scope's. `alias`: the name by which members know the
    facilitator."""

    id = serializers.UUIDField()
    programme = Ref(ProgrammeCard)
    name = serializers.CharField(max_length=80)
    alias = serializers.CharField(max_length=40)

    def validate_id(self, id_: UUID) -> UUID:
        if id_.version != 7:
            raise serializers.ValidationError("A UUIDv7 is needed here.")
        return id_


@action("groups.create", input=CreateGroup, allow=leads_groups)
def create(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Open a closed group with the programme's size and house rules, led by whoever opens it."""
    programme = Programme.objects.get(id=data["programme"].id)
    lead = call.actor.id
    scopes.open_scope("group", data["id"], home_id=programme.id, user_id=lead, role="facilitator")
    group = PeerGroup(
        id=data["id"],
        scope_id=data["id"],
        programme=programme,
        name=data["name"],
        size_max=int(programme.settings["group"]["size"]["max"]),
        house_rules=programme.settings["house_rules"],
        opened_at=call.now,
        opened_by=lead,
    )
    group.save(force_insert=True)
    publish(group)
    open_card(call, group.id, lead, alias=data["alias"], avatar="", role="facilitator")
    return {"group": str(group.id)}


class InviteMember(ActionInput):
    """The patient is named by their care record, so that only their own team can invite them."""

    id = serializers.UUIDField(default=uuid7)
    group = Ref(PeerGroup)
    record = Ref(CareRecord)


@action("groups.invite_member", input=InviteMember, allow=facilitates("group"))
def invite_member(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Offer a group to a patient.

    Refused: `other_programme`, `notice_first` (no data shows before the notice is
    acknowledged), `member_already`, `invited_already`, `full`.
    """
    group, record = data["group"], data["record"]
    _require_invitable(group, record)
    # The invitation is the patient's alone until they answer, so it lies in their own scope.
    with acting_as(record.user_id):
        if queries.open_invitation(record.user_id, group.id):
            raise Refused("invited_already", "This person has an invitation to this group.")
        _invite(call, data)
    return {"group_invitation": str(data["id"])}


class WithdrawInvitation(ActionInput):
    group = Ref(PeerGroup)
    record = Ref(CareRecord)


@action("groups.withdraw_invitation", input=WithdrawInvitation, allow=facilitates("group"))
def withdraw_invitation(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Take back an invitation that was not answered yet. Refused: `no_invitation`."""
    # It lies in the patient's own scope, see `invite_member`.
    with acting_as(data["record"].user_id):
        invitation = queries.open_invitation(data["record"].user_id, data["group"].id)
        if invitation is None:
            raise Refused("no_invitation", "There is no invitation that waits for an answer.")
        settle(call, invitation, "withdrawn")
    return {"group_invitation": str(invitation.id)}


def settle(call: Call, invitation: GroupInvitation, state: str) -> None:
    """Say how the invitation ended."""
    invitation.state = state
    invitation.answered_at = call.now
    invitation.save(update_fields=["state", "answered_at"])
    publish(invitation)


def _require_invitable(group: PeerGroup, record: CareRecord) -> None:
    if record.programme_id != group.programme_id:
        raise Refused("other_programme", "This person is in another programme.")
    if scopes.role_of(record.scope_id, record.user_id) is None:
        raise Refused("notice_first", "This person has not confirmed the privacy notice yet.")
    if scopes.role_of(group.scope_id, record.user_id):
        raise Refused("member_already", "This person is in the group.")
    if queries.is_full(group):
        raise Refused("full", "This group has no free place.")


def _invite(call: Call, data: dict[str, Any]) -> None:
    group, record = data["group"], data["record"]
    invitation = GroupInvitation(
        id=data["id"],
        scope_id=record.user_id,
        group_id=group.id,
        group_name=group.name,
        programme_id=group.programme_id,
        record_id=record.id,
        house_rules=group.house_rules,
        invited_by=call.actor.id,
        invited_at=call.now,
    )
    invitation.save(force_insert=True)
    publish(invitation)
    queue.push(INVITATION, scope_id=record.user_id)
