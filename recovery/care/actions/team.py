"""The care team of a record: the staff who can see it."""

from __future__ import annotations

import uuid

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
def assign_team_member(call: Call, *, record: CareRecord, user: uuid.UUID) -> dict[str, str]:
    """Add a member of staff to the care team, with their role in the programme.

    Refused: `not_staff`, `on_team`.
    """
    if access.staff_role(record.programme_id, user) not in access.CARING:
        raise Refused("not_staff", "This person is not on the programme's staff.")
    if queries.care_team(record).filter(user_id=user).exists():
        raise Refused("on_team", "This person is already on the care team.")
    return {"member": str(join_team(record, user, call).id)}


class EndTeamMember(ActionInput):
    member = Ref(CareTeamMember)
    # Locked, so that two members who remove each other at the same time leave one.
    record = Ref(CareRecord, lock=True)


@action("care.end_team_member", input=EndTeamMember, allow=access.is_on_care_team)
def end_team_member(call: Call, *, member: CareTeamMember, record: CareRecord) -> None:
    """Remove a member of staff from the care team. Refused: `not_on_team`, `last_member`."""
    if member not in queries.care_team(record):
        raise Refused("not_on_team", "This person is not on the care team.")
    if queries.team_with_access(record) == {member.user_id}:
        raise Refused("last_member", "A record needs a care team. Please assign a colleague first.")
    leave_team(member, call)


def join_team(record: CareRecord, user_id: uuid.UUID, call: Call) -> CareTeamMember:
    """Add a member of staff to the care team and to the scope of the record."""
    role = access.staff_role(record.programme_id, user_id) or ""
    member = CareTeamMember(
        scope_id=record.scope_id, record=record, user_id=user_id, role=role, since=call.now
    )
    member.save(force_insert=True)
    publish(member)
    # The member of staff who admitted the patient opened the scope and is in it already.
    if scopes.role_of(record.scope_id, user_id) is None:
        scopes.grant(record.scope_id, user_id, role)
    return member


def leave_team(member: CareTeamMember, call: Call) -> None:
    """Remove the person from the care team and from the scope. The row stays as history."""
    member.until = call.now
    member.save(update_fields=["until"])
    publish(member)
    scopes.revoke(member.scope_id, member.user_id)
