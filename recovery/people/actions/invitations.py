"""Inviting people. The account exists from then on; its owner enrols with a one-use code."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from rest_framework import serializers

from notifications import queue
from recovery.actions import ActionInput, Answer, Call, Ref, Refused, action
from recovery.feed.context import acting_as
from recovery.feed.models import ScopedQuerySet
from recovery.people import rules
from recovery.people.actions.accounts import end_sessions, open_account
from recovery.people.actions.inputs import Name
from recovery.people.codes import code_hash, new_code
from recovery.people.models import Invitation, Person
from recovery.people.notification_types import INVITATION
from recovery.signin.models import User
from recovery.signin.notification_types import DEVICE_ALERT

VALID_FOR = timedelta(hours=72)


@dataclass(frozen=True)
class Invited:
    """`code` is None if it was sent by e-mail, so that only the recipient knows it."""

    user_id: uuid.UUID
    invitation_id: uuid.UUID
    code: str | None

    def once(self) -> dict[str, str] | None:
        """For `Answer(once=...)`: the code, shown once for staff to hand over."""
        return {"code": self.code} if self.code else None


class Renew(ActionInput):
    """`by_email` false: the code is shown once, for staff to hand over."""

    # Locked, so that of two renewals at the same time, the second revokes the code of the first.
    invitation = Ref(Invitation, lock=True)
    by_email = serializers.BooleanField(default=True)


class Revoke(ActionInput):
    invitation = Ref(Invitation, lock=True)


class SignOutPerson(ActionInput):
    """`invitation`: any invitation of this programme to the person, used or not.

    `wipe`: the phones also delete everything.
    """

    invitation = Ref(Invitation)
    wipe = serializers.BooleanField(default=False)


def create_invited_patient(
    call: Call,
    *,
    programme_id: uuid.UUID,
    name: Name,
    date_of_birth: date,
    today: date,
    email: str,
    locale: str,
    called: str = "",
    phone: str = "",
    minimum_age: int = rules.ADULT,
    by_email: bool = True,
) -> Invited:
    """Create an account for a patient and an invitation to it. For actions that admit patients.

    `today`: the date in the programme's time zone. Refused: `under_age`, `no_address`.
    """
    require_age(date_of_birth, today, minimum_age)
    user = open_account(
        call,
        home_id=programme_id,
        locale=locale,
        is_staff=False,
        name=name,
        called=called,
        date_of_birth=date_of_birth,
        email=email,
        phone=phone,
    )
    return invite(call, user, programme_id=programme_id, by_email=by_email)


def require_age(born: date, today: date, minimum_age: int) -> None:
    """Refused: `under_age`, with the date as it was typed."""
    least = max(minimum_age, rules.ADULT)
    if rules.age_on(today, born) < least:
        raise Refused(
            "under_age",
            f"The programme is for people aged {least} and over. Born on {born}, this person is"
            " younger.",
        )


def invite(call: Call, user: User, *, programme_id: uuid.UUID, by_email: bool) -> Invited:
    """Create a one-use code for this account, and revoke earlier ones. Refused: `no_address`."""
    # The address and the date of birth are in the invited person's own scope.
    with acting_as(user.id):
        person = Person.objects.in_scope(user.id).get(id=user.id)
    if by_email and not person.email:
        raise Refused(
            "no_address", "This person has no e-mail address. Please hand over the code instead."
        )
    scope_id, code = rules.staff_scope(programme_id), new_code()
    revoke_unused(call, user.id, programme_id=programme_id)
    row = Invitation(
        scope_id=scope_id,
        programme_id=programme_id,
        user_id=user.id,
        for_staff=user.is_staff,
        by_email=by_email,
        code_hash=code_hash(code),
        created_at=call.now,
        expires_at=call.now + VALID_FOR,
        invited_by=call.actor.id,
    )
    row.save(force_insert=True)
    if by_email:
        queue.email(
            INVITATION,
            address=person.email,
            scope_id=row.scope_id,
            context={"code": code},
            locale=user.locale,
            dedupe=letter_key(row.id),
        )
    return Invited(user.id, row.id, None if by_email else code)


def unused_invitations(user_id: uuid.UUID, programme_id: uuid.UUID) -> ScopedQuerySet:
    """What the person could still enrol with, apart from its age."""
    rows = Invitation.objects.in_scope(rules.staff_scope(programme_id))
    return rows.filter(user_id=user_id, used_at=None, revoked_at=None)


def revoke_unused(call: Call, user_id: uuid.UUID, *, programme_id: uuid.UUID) -> None:
    """Revoke every unused code of a person. A letter that has not left does not leave any more."""
    for row in unused_invitations(user_id, programme_id).select_for_update(no_key=True):
        row.revoked_at = call.now
        row.save(update_fields=["revoked_at"])
        queue.cancel_email(row.scope_id, dedupe=letter_key(row.id))


@action("people.renew_invitation", input=Renew, allow=rules.manages_invitation)
def renew_invitation(call: Call, *, invitation: Invitation, by_email: bool) -> Answer:
    """Create a new code for a person whose code has expired or is lost, or who has a new phone
    and no other way to sign in. Staff start this, but never choose a secret."""
    user = User.objects.get(id=invitation.user_id)
    new = invite(call, user, programme_id=invitation.programme_id, by_email=by_email)
    if new.code:
        # Staff can see this code, and it opens the account: alert the owner's devices.
        with acting_as(user.id):
            queue.push(DEVICE_ALERT, scope_id=user.id)
    return Answer({"invitation": str(new.invitation_id)}, once=new.once())


@action("people.revoke_invitation", input=Revoke, allow=rules.manages_invitation)
def revoke_invitation(call: Call, *, invitation: Invitation) -> None:
    """Revoke an unused code. Refused: `used`."""
    if invitation.used_at:
        raise Refused("used", "This invitation has already been used.")
    invitation.revoked_at = invitation.revoked_at or call.now
    invitation.save(update_fields=["revoked_at"])
    queue.cancel_email(invitation.scope_id, dedupe=letter_key(invitation.id))


@action("people.sign_out_person", input=SignOutPerson, allow=rules.manages_invitation)
def sign_out_person(call: Call, *, invitation: Invitation, wipe: bool) -> None:
    """Sign a person out of every device, at their request: they called and have none at hand."""
    end_sessions(call, invitation.user_id, why="by_staff", wipe=wipe)


def letter_key(invitation_id: uuid.UUID) -> str:
    """By which `queue.email_states` knows the e-mail of an invitation."""
    return f"invitation:{invitation_id}"
