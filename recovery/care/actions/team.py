"""Who cares for a person, and so who sees their record."""

from __future__ import annotations

import uuid
from typing import Any

from rest_framework import serializers

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.care import queries
from recovery.care.models import CareRecord, CareTeamMember
from recovery.care.rules import access
from recovery.feed import publish, scopes


class AssignTeamMember(ActionInput):
    record = Ref(CareRecord, lock=True)
    user = serializers.UUIDField()


@action("care.assign_team_member", input=AssignTeamMember, allow=access.is_on_care_team)
def assign_team_member(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Let a member of staff into the record, with the role that they have in the programme."""
    record = data["record"]
    if access.staff_role(record.programme_id, data["user"]) not in access.CARING:
        raise Refused("not_staff", "This person is not among the programme's staff.")
    if queries.care_team(record).filter(user_id=data["user"]).exists():
        raise Refused("on_team", "This person is on the care team already.")
    return {"member": str(join_team(record, data["user"], call).id)}


class EndTeamMember(ActionInput):
    member = Ref(CareTeamMember)
    record = Ref(CareRecord, lock=True)


@action("care.end_team_member", input=EndTeamMember, allow=access.is_on_care_team)
def end_team_member(call: Call, data: dict[str, Any]) -> None:
    """Let a member of staff out of the record. Somebody always stays."""
    member = data["member"]
    team = list(queries.care_team(data["record"]))
    if member not in team:
        raise Refused("not_on_team", "This person is not on the care team.")
    if team == [member]:
        raise Refused("last_member", "Assign somebody else first: the record needs a care team.")
    leave_team(member, call)


def join_team(record: CareRecord, user_id: uuid.UUID, call: Call) -> CareTeamMember:
    """The member's row and their place in the record's scope."""
    role = access.staff_role(record.programme_id, user_id) or ""
    member = CareTeamMember(
        scope_id=record.scope_id, record=record, user_id=user_id, role=role, since=call.now
    )
    member.save(force_insert=True)
    publish(member)
    if scopes.role_of(record.scope_id, user_id) is None:
        scopes.grant(record.scope_id, user_id, role)
    return member


def leave_team(member: CareTeamMember, call: Call) -> None:
    """The row stays, as history; the place goes."""
    member.until = call.now
    member.save(update_fields=["until"])
    publish(member)
    scopes.revoke(member.scope_id, member.user_id)
