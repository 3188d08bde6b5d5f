"""The staff of a programme: who joins, in which role, and who leaves."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from rest_framework import serializers

from foundation.problems import NotAllowed, NotFound
from recovery.actions import ActionInput, Answer, Call, Refused, action
from recovery.actions.alone import alone
from recovery.actions.rules import only_system
from recovery.feed import publish, scopes
from recovery.feed.context import acting_as
from recovery.feed.models import Membership
from recovery.people import roles, rules
from recovery.people.actions.accounts import open_account
from recovery.people.actions.invitations import invite
from recovery.people.models import StaffMember
from recovery.signin import queries
from recovery.signin.actions.sessions import end
from recovery.signin.models import User

LOCALES = [code for code, _ in settings.LANGUAGES]


class InviteStaff(ActionInput):
    """`by_email` false: the code is shown once, to be handed over."""

    programme = serializers.UUIDField()
    given_name = serializers.CharField(max_length=80)
    family_name = serializers.CharField(max_length=80)
    email = serializers.EmailField()
    phone = serializers.CharField(max_length=40, default="", allow_blank=True)
    role = serializers.ChoiceField(choices=roles.STAFF_ROLES)
    locale = serializers.ChoiceField(choices=LOCALES, default="en")
    by_email = serializers.BooleanField(default=True)


class ChangeRole(ActionInput):
    programme = serializers.UUIDField()
    user = serializers.UUIDField()
    role = serializers.ChoiceField(choices=roles.STAFF_ROLES)


class Leave(ActionInput):
    programme = serializers.UUIDField()
    user = serializers.UUIDField()


@action("people.invite_staff", input=InviteStaff, allow=only_system | rules.administers)
def invite_staff(call: Call, data: dict[str, Any]) -> Answer:
    """An account for a member of staff; the places in the programme begin when they enrol."""
    programme_id, role, by_email = data.pop("programme"), data.pop("role"), data.pop("by_email")
    names = {name: data[name] for name in ("given_name", "family_name")}
    user = open_account(call, home_id=programme_id, is_staff=True, **data)
    _place(programme_id, user.id, role, held=True)
    row = StaffMember(scope_id=programme_id, user_id=user.id, role=role, **names)
    row.save(force_insert=True)
    publish(row)
    invited = invite(call, user, programme_id=programme_id, by_email=by_email)
    told = {"user": str(user.id), "invitation": str(invited.invitation_id)}
    return Answer(told, once=invited.once())


@action("people.change_role", input=ChangeRole, allow=rules.administers)
def change_role(call: Call, data: dict[str, Any]) -> None:
    """Another role for a member of staff, from now on; places that wait until they come in go on
    waiting. Refused: `own_role`."""
    row = _member(call, data)
    place = Membership.objects.get(scope_id=row.scope_id, user_id=row.user_id)
    _place(row.scope_id, row.user_id, data["role"], held=place.held)
    scopes.change_staff_places(row.scope_id, row.user_id, data["role"])
    row.role = data["role"]
    row.save(update_fields=["role"])
    publish(row)


@action("people.end_staff", input=Leave, allow=rules.administers)
def end_staff(call: Call, data: dict[str, Any]) -> None:
    """A member of staff leaves: no sign-in, no session, no place. Refused: `own_role`."""
    row = _member(call, data)
    row.left_at = call.now
    row.save(update_fields=["left_at"])
    publish(row)
    scopes.change_staff_places(row.scope_id, row.user_id, None)
    User.objects.filter(id=row.user_id).update(is_active=False)
    # Sessions are their owner's rows; they are ended against the owner's will.
    with acting_as(row.user_id):
        for session in queries.live_sessions(row.user_id, call.now).select_for_update(no_key=True):
            end(session, why="disabled", now=call.now)


def _member(call: Call, data: dict[str, Any]) -> StaffMember:
    """The member of staff meant, locked. Nobody changes themself: one cannot lock oneself out.

    Nor can two administrators lock out each other: the second is no administrator any more.
    """
    alone("people.staff", data["programme"])
    if not rules.administers(call, data):
        raise NotAllowed
    rows = StaffMember.objects.in_scope(data["programme"]).select_for_update(no_key=True)
    row: StaffMember | None = rows.filter(user_id=data["user"], left_at=None).first()
    if row is None:
        raise NotFound
    if row.user_id == call.actor.id:
        raise Refused("own_role", "Ask another administrator to change your own role.")
    return row


def _place(programme_id: uuid.UUID, user_id: uuid.UUID, role: str, *, held: bool) -> None:
    for scope_id in (programme_id, rules.staff_scope(programme_id)):
        scopes.grant(scope_id, user_id, role, held=held)
