"""The care team of a record: the staff who can see it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from rest_framework import serializers

from foundation.problems import NotAllowed
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.alone import alone
from recovery.care import queries
from recovery.care.models import CareRecord, CareTeamMember
from recovery.care.rules import access
from recovery.feed import publish, scopes
from recovery.feed.context import acting_as
from recovery.feed.models import Scope
from recovery.people.actions.handover import (
    PLACES,
    Need,
    Places,
    RefOrUnstaffed,
    Unstaffed,
    left_in,
    needs,
    take_over,
)
from recovery.people.queries import locked_staff_role, staff_in
from recovery.people.roles import Duty, roles_with

MOST_STAY = 5  # on a team that gets smaller


class AssignTeamMember(ActionInput):
    # Every role that treats also cares. So a record without anyone who treats is named here too:
    # someone who does can then be put in, and anybody else only if the record has no one.
    record = RefOrUnstaffed(CareRecord, scope_kind="care", duty=Duty.TREATS, lock=True)
    user = serializers.UUIDField()


@action(
    "care.assign_team_member",
    input=AssignTeamMember,
    allow=access.is_on_care_team | access.may_fill("record"),
)
def assign_team_member(
    call: Call, *, record: CareRecord | Unstaffed, user: uuid.UUID
) -> dict[str, str]:
    """Add a member of staff to the care team, with their role in the programme.

    Refused: `not_staff`, `on_team`.
    """
    if isinstance(record, Unstaffed):
        return {"member": str(_fill(record, user, call).id)}
    if locked_staff_role(record.programme_id, user) not in access.CARING:
        raise Refused("not_staff", "This person is not on the program's staff.")
    if queries.care_team(record).filter(user_id=user).exists():
        raise Refused("on_team", "This person is already on the care team.")
    return {"member": str(join_team(record, user, call).id)}


class EndTeamMember(ActionInput):
    """`successor`: joins the team, and looks after what nobody else on it may."""

    member = Ref(CareTeamMember)
    # Locked, so that two members who remove each other at the same time leave one.
    record = Ref(CareRecord, lock=True)
    successor = serializers.UUIDField(required=False, allow_null=True)


@action("care.end_team_member", input=EndTeamMember, allow=access.is_on_care_team)
def end_team_member(
    call: Call, *, member: CareTeamMember, record: CareRecord, successor: uuid.UUID | None = None
) -> None:
    """Remove a member of staff from the care team.

    Refused: `not_on_team`, `last_member`, `needs_successor` (with what nobody else may do),
    `not_staff`, `unsuitable_successor`.
    """
    if member not in queries.care_team(record):
        raise Refused("not_on_team", "This person is not on the care team.")
    scope = Scope.objects.get(id=record.scope_id)
    left = left_in(call, scope, member.user_id)
    if successor is not None:
        take_over(call, scope, successor, left, leaver=member.user_id)
    elif left:
        _refuse_to_leave(left, scope)
    leave_team(member, call)


def join_team(record: CareRecord, user_id: uuid.UUID, call: Call) -> CareTeamMember:
    """Add a member of staff to the care team and to the scope of the record. Refused: `not_staff`
    (their account has just ended)."""
    role = locked_staff_role(record.programme_id, user_id)
    if role is None:
        raise Refused("not_staff", "This person is not on the program's staff.")
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
    _close(member, call)
    scopes.revoke(member.scope_id, member.user_id)


def _close(member: CareTeamMember, call: Call) -> None:
    member.until = call.now
    member.save(update_fields=["until"])
    publish(member)


def _refuse_to_leave(left: list[Need], scope: Scope) -> None:
    about = [need.as_json(scope) for need in left]
    if any(need.kind == "record" for need in left):
        raise Refused(
            "last_member",
            "A record needs a care team. Please assign a colleague first, or name a successor.",
            about=about,
        )
    raise Refused(
        "needs_successor",
        "Nobody else on the care team may do some of this. Please name a successor.",
        about=about,
    )


def _fill(place: Unstaffed, user_id: uuid.UUID, call: Call) -> CareTeamMember:
    """Put a member of staff into a record that has nobody."""
    # As when staff leave: nobody else fills or ends a place of the programme meanwhile.
    alone("people.staff", place.programme_id)
    role = locked_staff_role(place.programme_id, user_id)
    if role is None or role not in access.CARING:
        raise Refused("not_staff", "This person is not on the program's staff.")
    lacking = Duty.TREATS if role in roles_with(Duty.TREATS) else Duty.CARES
    if scopes.programme_of_unstaffed(place.scope_id, "care", lacking.code) is None:
        raise NotAllowed  # someone is there, and the record is theirs
    scopes.fill_unstaffed(place.scope_id, "care", lacking.code, user_id, role)
    # The caller is not in the record and stays out of it: the new member is its first.
    with acting_as(user_id):
        records = CareRecord.objects.in_scope(place.scope_id).select_related("programme")
        record = records.filter(entered_in_error_at=None).first()
        if record is None:
            raise NotAllowed  # nobody has to care for an admission that was a mistake
        staff = staff_in(record.scope_id, record.programme_id).keys() - {user_id}
        for ghost in queries.care_team(record).exclude(user_id__in=staff):
            _close(ghost, call)
        return join_team(record, user_id, call)


def _lock(scope_id: uuid.UUID) -> None:
    CareRecord.objects.in_scope(scope_id).select_for_update(no_key=True, of=("self",)).first()


def _join(call: Call, scope_id: uuid.UUID, user_id: uuid.UUID) -> None:
    join_team(CareRecord.objects.in_scope(scope_id).get(), user_id, call)


def _leave(call: Call, scope_id: uuid.UUID, user_id: uuid.UUID) -> None:
    for member in _places(scope_id, user_id):
        _close(member, call)
    scopes.revoke(scope_id, user_id)


def _change(call: Call, scope_id: uuid.UUID, user_id: uuid.UUID, role: str) -> None:
    for member in _places(scope_id, user_id):
        member.role = role
        member.save(update_fields=["role"])
        publish(member)


def _places(scope_id: uuid.UUID, user_id: uuid.UUID) -> Iterator[CareTeamMember]:
    rows = CareTeamMember.objects.in_scope(scope_id).filter(user_id=user_id, until=None)
    yield from rows


PLACES["care"] = Places(
    entry=Duty.CARES,
    role_in=lambda role: role,
    lock=_lock,
    join=_join,
    leave=_leave,
    change=_change,
)


@needs("care")
def record_needs(call: Call, scope_id: uuid.UUID) -> Iterator[Need]:
    """The record itself."""
    for record in CareRecord.objects.in_scope(scope_id):
        yield Need("record", record.id, record.legal_name, Duty.CARES)


@needs("care")
@needs("group")
def series_need(call: Call, scope_id: uuid.UUID) -> Iterator[Need]:
    """Series that have not ended."""
    for series in queries.running_series(scope_id, call.now):
        yield Need("series", series.id, series.title, Duty.KEEPS_TIMETABLE)


def narrow_team(record: CareRecord, stays: set[uuid.UUID], call: Call) -> list[uuid.UUID]:
    """Remove everyone but `stays` from the care team, and return who left.

    Refused: `not_on_team`. Call it last: the caller may be among those who leave.
    """
    if not stays <= queries.team_with_access(record):
        raise Refused("not_on_team", "Only members of the care team can stay.")
    records = [record, *queries.linked_records(record)]
    leaving = [m for each in records for m in queries.care_team(each).exclude(user_id__in=stays)]
    # The caller leaves last, because only a member can revoke another membership.
    members = sorted(leaving, key=lambda member: member.user_id == call.actor.id)
    for member in members:
        leave_team(member, call)
    return [member.user_id for member in members]
