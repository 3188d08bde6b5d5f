"""Inviting people: the account exists from then on, its owner comes in with a one-use code."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from rest_framework import serializers

from notifications import queue
from recovery.actions import ActionInput, Answer, Call, Ref, Refused, action
from recovery.feed.context import acting_as
from recovery.people import notices, rules
from recovery.people.actions.accounts import open_account
from recovery.people.codes import code_hash, new_code
from recovery.people.models import Invitation, Person
from recovery.signin import queries
from recovery.signin.actions.sessions import end
from recovery.signin.models import User
from recovery.signin.notification_types import DEVICE_ALERT

VALID_FOR = timedelta(hours=72)


@dataclass(frozen=True)
class Invited:
    """`code` is None when it went out by e-mail: then nobody else gets to know it."""

    user_id: uuid.UUID
    invitation_id: uuid.UUID
    code: str | None

    def once(self) -> dict[str, Any] | None:
        """For `Answer(once=...)`: the code, to be handed over and never shown again."""
        return {"code": self.code} if self.code else None


class Renew(ActionInput):
    """`by_email` false: the code is shown once, to be handed over."""

    invitation = Ref(Invitation, lock=True)
    by_email = serializers.BooleanField(default=True)


class Revoke(ActionInput):
    invitation = Ref(Invitation, lock=True)


class SignOutPerson(ActionInput):
    """`invitation`: any that the person ever had from this programme."""

    invitation = Ref(Invitation)
    wipe = serializers.BooleanField(default=False)


def create_invited_patient(
    call: Call,
    *,
    programme_id: uuid.UUID,
    given_name: str,
    family_name: str,
    date_of_birth: date,
    today: date,
    email: str,
    locale: str,
    called: str = "",
    phone: str = "",
    minimum_age: int = rules.ADULT,
    by_email: bool = True,
) -> Invited:
    """An account for a patient and the invitation to it; for actions of staff who admit.

    `today` is the date where the programme is. `by_email` false hands the code out once.
    Refused: `under_age`, `no_address`.
    """
    if rules.age_on(today, date_of_birth) < max(minimum_age, rules.ADULT):
        raise Refused("under_age", f"Handrail is for people of {rules.ADULT} years and over.")
    user = open_account(
        call,
        home_id=programme_id,
        locale=locale,
        is_staff=False,
        given_name=given_name,
        family_name=family_name,
        called=called,
        date_of_birth=date_of_birth,
        email=email,
        phone=phone,
    )
    return invite(call, user, programme_id=programme_id, by_email=by_email)


def invite(call: Call, user: User, *, programme_id: uuid.UUID, by_email: bool) -> Invited:
    """A new one-use code for this account; earlier ones no longer count. Refused: `no_address`."""
    # The address and the date of birth are the invited person's own, kept in their own scope.
    with acting_as(user.id):
        person = Person.objects.in_scope(user.id).get(id=user.id)
    if by_email and not person.email:
        raise Refused("no_address", "There is no e-mail address: hand the code over instead.")
    scope_id, code = rules.staff_scope(programme_id), new_code()
    open_ones = Invitation.objects.in_scope(scope_id).filter(user_id=user.id, used_at=None)
    open_ones.filter(revoked_at=None).update(revoked_at=call.now)
    row = Invitation(
        scope_id=scope_id,
        programme_id=programme_id,
        user_id=user.id,
        for_staff=user.is_staff,
        by_email=by_email,
        code_hash=code_hash(code, person.date_of_birth),
        created_at=call.now,
        expires_at=call.now + VALID_FOR,
        invited_by=call.actor.id,
    )
    row.save(force_insert=True)
    if by_email:
        _send(row, person.email, user.locale, code)
    return Invited(user.id, row.id, None if by_email else code)


@action("people.renew_invitation", input=Renew, allow=rules.may_invite_again)
def renew_invitation(call: Call, data: dict[str, Any]) -> Answer:
    """A new code for somebody whose code ran out, was lost, or who has a new phone and nothing
    to sign in with. Staff can begin this, but never choose a secret."""
    old: Invitation = data["invitation"]
    user = User.objects.get(id=old.user_id)
    new = invite(call, user, programme_id=old.programme_id, by_email=data["by_email"])
    if new.code:
        _alert(user)
    return Answer({"invitation": str(new.invitation_id)}, once=new.once())


def _alert(user: User) -> None:
    """A code that staff hold is a way into the account: its owner's devices hear of it."""
    # They are the owner's, in their own scope.
    with acting_as(user.id):
        queue.push(DEVICE_ALERT, scope_id=user.id)


@action("people.revoke_invitation", input=Revoke, allow=rules.may_invite_again)
def revoke_invitation(call: Call, data: dict[str, Any]) -> None:
    """Take an unused code back. Refused: `used`."""
    row: Invitation = data["invitation"]
    if row.used_at:
        raise Refused("used", "This invitation was used already.")
    row.revoked_at = row.revoked_at or call.now
    row.save(update_fields=["revoked_at"])


@action("people.sign_out_person", input=SignOutPerson, allow=rules.may_invite_again)
def sign_out_person(call: Call, data: dict[str, Any]) -> None:
    """Staff sign somebody out of every device, for a person who called and has none at hand."""
    user_id = data["invitation"].user_id
    # Sessions are their owner's rows; staff end them at the owner's request and see none.
    with acting_as(user_id):
        for session in queries.live_sessions(user_id, call.now).select_for_update(no_key=True):
            end(session, why="by_staff", wipe=data["wipe"], now=call.now)


def _send(row: Invitation, address: str, locale: str, code: str) -> None:
    queue.email(
        notices.INVITATION,
        address=address,
        scope_id=row.scope_id,
        context={"code": code},
        locale=locale,
    )
