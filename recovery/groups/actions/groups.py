"""Staff open a group and invite patients. A patient is in it only after they accept."""

from __future__ import annotations

import uuid

from rest_framework import serializers
from uuid_utils.compat import uuid7

from foundation.problems import NotAllowed
from notifications import queue
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.fields import Name
from recovery.care.models import CareRecord, Programme, ProgrammeCard
from recovery.conversations.actions import open_card
from recovery.feed import publish, scopes
from recovery.feed.context import acting_as
from recovery.groups import queries
from recovery.groups.models import GroupInvitation, PeerGroup
from recovery.groups.notification_types import INVITATION
from recovery.groups.rules import facilitates, leads_groups
from recovery.people import roles
from recovery.people.queries import locked_staff_role


class CreateGroup(ActionInput):
    """`id`: a UUIDv7, also the id of the scope. `alias`: how members know the facilitator."""

    id = serializers.UUIDField()
    programme = Ref(ProgrammeCard)
    name = Name(max_length=80)
    alias = Name(max_length=40)

    def validate_id(self, id_: uuid.UUID) -> uuid.UUID:
        if id_.version != 7:
            raise serializers.ValidationError("This must be a UUIDv7.")
        return id_


@action("groups.create", input=CreateGroup, allow=leads_groups)
def create(
    call: Call, *, id: uuid.UUID, programme: ProgrammeCard, name: str, alias: str
) -> dict[str, str]:
    """Open a closed group led by the caller, with the programme's size limit and house rules."""
    home = Programme.objects.get(id=programme.id)
    lead = call.actor.id
    if locked_staff_role(home.id, lead) is None:
        raise NotAllowed  # their account has just ended
    scopes.open_scope("group", id, home_id=home.id, user_id=lead, role=roles.FACILITATOR)
    group = PeerGroup(
        id=id,
        scope_id=id,
        programme=home,
        name=name,
        # Copied: a later change of the settings applies to new groups only.
        size_max=int(home.settings["group"]["size"]["max"]),
        house_rules=home.settings["house_rules"],
        opened_at=call.now,
        opened_by=lead,
    )
    group.save(force_insert=True)
    publish(group)
    open_card(call, group.id, lead, alias=alias, avatar="", role=roles.FACILITATOR)
    return {"group": str(group.id)}


class InviteMember(ActionInput):
    """The patient is named by their care record: only their own care team can invite them."""

    id = serializers.UUIDField(default=uuid7)
    group = Ref(PeerGroup)
    record = Ref(CareRecord)


@action("groups.invite_member", input=InviteMember, allow=facilitates("group"))
def invite_member(
    call: Call, *, id: uuid.UUID, group: PeerGroup, record: CareRecord
) -> dict[str, str]:
    """Invite a patient to a group.

    Refused: `other_programme`, `notice_first` (no data is shown before the privacy notice is
    acknowledged), `member_already`, `invited_already`, `full`.
    """
    _require_invitable(group, record)
    # Until it is answered, the invitation is in the patient's own scope: only they can see it.
    with acting_as(record.user_id):
        if queries.open_invitation(record.user_id, group.id):
            raise Refused("invited_already", "This person already has an invitation to this group.")
        invitation = GroupInvitation(
            id=id,
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
    return {"group_invitation": str(id)}


class WithdrawInvitation(ActionInput):
    group = Ref(PeerGroup)
    record = Ref(CareRecord)


@action("groups.withdraw_invitation", input=WithdrawInvitation, allow=facilitates("group"))
def withdraw_invitation(call: Call, *, group: PeerGroup, record: CareRecord) -> dict[str, str]:
    """Take back an invitation that has not been answered. Refused: `no_invitation`."""
    # The invitation is in the patient's own scope.
    with acting_as(record.user_id):
        invitation = queries.open_invitation(record.user_id, group.id)
        if invitation is None:
            raise Refused("no_invitation", "This person has no open invitation to this group.")
        close_invitation(call, invitation, "withdrawn")
    return {"group_invitation": str(invitation.id)}


def close_invitation(call: Call, invitation: GroupInvitation, state: str) -> None:
    """Close an open invitation. `state`: "joined", "declined" or "withdrawn"."""
    invitation.state = state
    invitation.answered_at = call.now
    invitation.save(update_fields=["state", "answered_at"])
    publish(invitation)


def _require_invitable(group: PeerGroup, record: CareRecord) -> None:
    if record.programme_id != group.programme_id:
        raise Refused("other_programme", "This person is in another program.")
    # A membership that is held for the notice is no role yet.
    if scopes.role_of(record.scope_id, record.user_id) is None:
        raise Refused("notice_first", "This person has not confirmed the privacy notice yet.")
    if scopes.role_of(group.scope_id, record.user_id):
        raise Refused("member_already", "This person is already in the group.")
    # Checked here for the facilitator's sake. Under the group's lock, `join` checks it again.
    if queries.is_full(group):
        raise Refused("full", "This group is full.")
