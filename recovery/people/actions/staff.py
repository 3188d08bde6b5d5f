"""The staff of a programme: inviting them, changing their roles, ending their accounts."""

from __future__ import annotations

import uuid
from typing import Any, Unpack

from rest_framework import serializers

from foundation.problems import NotAllowed, NotFound
from recovery.actions import ActionInput, Answer, Call, Refused, action
from recovery.actions.alone import alone
from recovery.actions.fields import MailAddress, Text
from recovery.actions.rules import only_system
from recovery.feed import publish, scopes
from recovery.feed.models import Membership
from recovery.people import roles, rules
from recovery.people.actions.accounts import close_account, open_account
from recovery.people.actions.handover import Successors, hand_over_all
from recovery.people.actions.inputs import Name, Named
from recovery.people.actions.invitations import invite
from recovery.people.models import StaffMember
from recovery.signin.rules import proved_recently

OF_ADMINISTRATORS = rules.administers & proved_recently


class InviteStaff(Named):
    """`given_name`, `family_name` or `name_text`: one of them is enough.

    `by_email` false: the code is shown once, to hand over.
    """

    programme = serializers.UUIDField()
    email = MailAddress()
    phone = Text(max_length=40, default="", allow_blank=True)
    role = serializers.ChoiceField(choices=roles.STAFF_ROLES)
    locale = serializers.ChoiceField(choices=rules.LOCALES, default="en")
    by_email = serializers.BooleanField(default=True)


class Handover(ActionInput):
    """`successor` takes over whatever nobody else looks after. `successors`, by the id of a record
    or group, take over that one in any case."""

    programme = serializers.UUIDField()
    user = serializers.UUIDField()
    successor = serializers.UUIDField(required=False, allow_null=True)
    successors = serializers.DictField(child=serializers.UUIDField(), default=dict)

    def validate_successors(self, named: dict[str, uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
        ids = serializers.UUIDField()
        return {ids.run_validation(name): user for name, user in named.items()}


class ChangeRole(Handover):
    role = serializers.ChoiceField(choices=roles.STAFF_ROLES)


class EndStaff(Handover):
    pass


@action("people.invite_staff", input=InviteStaff, allow=only_system | OF_ADMINISTRATORS)
def invite_staff(
    call: Call,
    *,
    programme: uuid.UUID,
    email: str,
    phone: str,
    role: str,
    locale: str,
    by_email: bool,
    **name: Unpack[Name],
) -> Answer:
    """Create an account for a member of staff. Their memberships begin when they enrol."""
    rules.check_phone(phone)
    user = open_account(
        call,
        home_id=programme,
        locale=locale,
        is_staff=True,
        name=name,
        email=email,
        phone=phone,
    )
    _grant(programme, user.id, role, held=True)
    row = StaffMember(
        scope_id=programme,
        user_id=user.id,
        role=role,
        **name,
    )
    row.save(force_insert=True)
    publish(row)
    invited = invite(call, user, programme_id=programme, by_email=by_email)
    ids = {"user": str(user.id), "invitation": str(invited.invitation_id)}
    return Answer(ids, once=invited.once())


@action("people.change_role", input=ChangeRole, allow=OF_ADMINISTRATORS)
def change_role(
    call: Call,
    *,
    programme: uuid.UUID,
    user: uuid.UUID,
    role: str,
    successors: dict[uuid.UUID, uuid.UUID],
    successor: uuid.UUID | None = None,
) -> dict[str, Any] | None:
    """Give a member of staff another role, also in their care teams. Held memberships stay held.

    Refused: `own_role`, `needs_successor`, `not_staff`, `unsuitable_successor`.
    """
    row = _locked_member(call, programme, user)
    taken = hand_over_all(
        call, programme, user, new_role=role, successors=Successors(successor, successors)
    )
    membership = Membership.objects.get(scope_id=row.scope_id, user_id=row.user_id)
    _grant(row.scope_id, row.user_id, role, held=membership.held)
    scopes.change_staff_places(row.scope_id, row.user_id, role)
    row.role = role
    row.save(update_fields=["role"])
    publish(row)
    return {"taken_over": taken} if taken else None


@action("people.end_staff", input=EndStaff, allow=OF_ADMINISTRATORS)
def end_staff(
    call: Call,
    *,
    programme: uuid.UUID,
    user: uuid.UUID,
    successors: dict[uuid.UUID, uuid.UUID],
    successor: uuid.UUID | None = None,
) -> dict[str, Any] | None:
    """End the account, sessions and memberships of a member of staff, and hand over their patients
    and groups.

    Refused: `own_role`, `needs_successor`, `not_staff`, `unsuitable_successor`.
    """
    row = _locked_member(call, programme, user)
    taken = hand_over_all(
        call, programme, user, new_role=None, successors=Successors(successor, successors)
    )
    row.left_at = call.now
    row.save(update_fields=["left_at"])
    publish(row)
    scopes.change_staff_places(row.scope_id, row.user_id, None)
    close_account(call, row.user_id)
    return {"taken_over": taken} if taken else None


def _locked_member(call: Call, programme: uuid.UUID, user: uuid.UUID) -> StaffMember:
    """Return another current member of staff, locked. Refused: `own_role`."""
    # Check the rule again under the lock: two administrators who remove each other at the same time
    # would otherwise leave the programme without one.
    alone("people.staff", programme)
    if not rules.administers(call, {"programme": programme}):
        raise NotAllowed
    rows = StaffMember.objects.in_scope(programme).select_for_update(no_key=True)
    row: StaffMember | None = rows.filter(user_id=user, left_at=None).first()
    if row is None:
        raise NotFound
    if row.user_id == call.actor.id:
        raise Refused("own_role", "Please ask another administrator to change your role.")
    return row


def _grant(programme_id: uuid.UUID, user_id: uuid.UUID, role: str, *, held: bool) -> None:
    for scope_id in (programme_id, rules.staff_scope(programme_id)):
        scopes.grant(scope_id, user_id, role, held=held)
