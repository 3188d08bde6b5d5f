"""Inviting people. The account exists from then on; its owner enrols with a one-use code."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from notifications import queue
from recovery.actions import SYSTEM, Call, Refused
from recovery.actions.alone import alone
from recovery.feed import publish
from recovery.feed.context import acting_as
from recovery.feed.models import ScopedQuerySet
from recovery.people import rules
from recovery.people.actions.accounts import open_account
from recovery.people.actions.inputs import Name
from recovery.people.codes import address_hash, code_hash, new_code
from recovery.people.models import AccountRecovery, Invitation, Person
from recovery.people.notification_types import INVITATION
from recovery.people.queries import letter_key, staff_name
from recovery.signin.models import DeviceSession, User
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
            "The program is for people aged %(age)d and over. Born on %(born)s, this person is"
            " younger.",
            values={"age": least, "born": born},
        )


def invite(
    call: Call,
    user: User,
    *,
    programme_id: uuid.UUID,
    by_email: bool,
    resets_factors: bool = False,
) -> Invited:
    """Create a one-use code for this account, and revoke earlier ones. Refused: `no_address`.

    If the account was used before, its owner sees who made the code. It then needs the approval
    of a second member of staff, unless it goes to the confirmed address: everyone else who could
    learn it might not be the owner.
    """
    # Of two that are made at the same time, the second revokes the first.
    alone("people.invitations", user.id)
    # The person and their devices are in their own scope, which staff do not see.
    with acting_as(user.id):
        person = Person.objects.in_scope(user.id).get(id=user.id)
        recovers = DeviceSession.objects.in_scope(user.id).exists()
    address = user.email or person.email
    if by_email and not address:
        raise Refused(
            "no_address", "This person has no e-mail address. Please hand over the code instead."
        )
    is_confirmed = by_email and bool(user.email)
    revoke_unused(call, user.id, programme_id=programme_id)
    row = Invitation(
        scope_id=rules.staff_scope(programme_id),
        programme_id=programme_id,
        user_id=user.id,
        for_staff=user.is_staff,
        by_email=by_email,
        created_at=call.now,
        expires_at=call.now + VALID_FOR,
        invited_by=call.actor.id,
        needs_approval=recovers and (resets_factors or not is_confirmed),
        resets_factors=recovers and resets_factors,
    )
    code = new_code()
    row.code_hash = code_hash(code)
    if row.needs_approval and by_email:
        # Made again and sent when it is approved.
        row.code_hash = b""
    elif by_email:
        send_code(row, address, user.locale, code)
    row.save(force_insert=True)
    if recovers:
        _show_to_owner(call, row)
    return Invited(user.id, row.id, None if by_email else code)


def send_code(row: Invitation, address: str, locale: str, code: str) -> None:
    """Queue the e-mail with the code. Does not save the row, which remembers the address."""
    row.sent_to = address_hash(address)
    queue.email(
        INVITATION,
        address=address,
        scope_id=row.scope_id,
        context={"code": code},
        locale=locale,
        dedupe=letter_key(row.id),
    )


def unused_invitations(user_id: uuid.UUID, programme_id: uuid.UUID) -> ScopedQuerySet:
    """What the person could still enrol with, apart from its age and what it waits for."""
    rows = Invitation.objects.in_scope(rules.staff_scope(programme_id))
    return rows.filter(user_id=user_id, used_at=None, revoked_at=None, refused_at=None)


def revoke_unused(call: Call, user_id: uuid.UUID, *, programme_id: uuid.UUID) -> None:
    """Revoke every unused code of a person."""
    for row in unused_invitations(user_id, programme_id).select_for_update(no_key=True):
        revoke(call, row)


def revoke(call: Call, row: Invitation) -> None:
    """Revoke a locked row that was not used. A letter that has not left does not leave any more."""
    if row.revoked_at is not None:
        return
    row.revoked_at = call.now
    row.save(update_fields=["revoked_at"])
    queue.cancel_email(row.scope_id, dedupe=letter_key(row.id))
    with acting_as(row.user_id):
        for recovery in AccountRecovery.objects.in_scope(row.user_id).filter(id=row.id):
            recovery.revoked_at = call.now
            recovery.save(update_fields=["revoked_at"])
            publish(recovery)


def _show_to_owner(call: Call, row: Invitation) -> None:
    """Show the owner of the account who made this code, on all of their devices."""
    by_operator = call.actor is SYSTEM
    recovery = AccountRecovery(
        id=row.id,
        scope_id=row.user_id,
        programme_id=row.programme_id,
        started_by=None if by_operator else call.actor.id,
        started_by_name="" if by_operator else staff_name(row.programme_id, call.actor.id),
        started_at=call.now,
        by_email=row.by_email,
        needs_approval=row.needs_approval,
        resets_factors=row.resets_factors,
        expires_at=row.expires_at,
    )
    # Their own scope, in which only they can write.
    with acting_as(row.user_id):
        recovery.save(force_insert=True)
        publish(recovery)
        # A code that was sent to the confirmed address needs no alert: the letter is one.
        if row.needs_approval:
            queue.push(DEVICE_ALERT, scope_id=row.user_id)
