"""Ways back into an account: a new code, which two people must agree on and its owner can refuse.

Staff start a recovery but never choose a secret. A second factor stays in force: enrolment asks for
it. If it is lost too, the code resets it when it is used, and until then waits three days, in which
the owner can refuse on any device.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from rest_framework import serializers

from foundation.postgresql import functions
from foundation.problems import NotFound
from notifications import queue
from recovery.actions import SYSTEM, ActionInput, Answer, Call, Ref, Refused, action
from recovery.actions.alone import alone
from recovery.actions.rules import only_system
from recovery.feed import publish
from recovery.feed.context import acting_as
from recovery.people import rules
from recovery.people.actions.accounts import end_sessions
from recovery.people.actions.invitations import VALID_FOR, Invited, invite, revoke, send_code
from recovery.people.codes import code_hash, new_code
from recovery.people.models import AccountRecovery, Invitation, Person
from recovery.people.notification_types import ACCOUNT_RECOVERY
from recovery.people.queries import staff_name
from recovery.people.roles import Duty, has_duty, others_with
from recovery.signin.models import User
from recovery.signin.notification_types import DEVICE_ALERT
from recovery.signin.rules import proved_recently
from recovery.signin.second_factors import has_second_factor

# How long the owner can refuse that their second factor is reset.
RESET_WAIT = timedelta(hours=72)


class Renew(ActionInput):
    """`by_email` false: the code is shown once, for staff to hand over.

    `resets_factors`: the person has lost their second factors too. The code removes them.
    """

    invitation = Ref(Invitation)
    by_email = serializers.BooleanField(default=True)
    resets_factors = serializers.BooleanField(default=False)


class Revoke(ActionInput):
    invitation = Ref(Invitation)


class Approve(ActionInput):
    programme = serializers.UUIDField()
    invitation = serializers.UUIDField()


class RecoverStaff(ActionInput):
    """`user`: a member of the programme's staff."""

    programme = serializers.UUIDField()
    user = serializers.UUIDField()
    by_email = serializers.BooleanField(default=False)
    resets_factors = serializers.BooleanField(default=False)


class OneRecovery(ActionInput):
    recovery = Ref(AccountRecovery)


class SignOutPerson(ActionInput):
    """`invitation`: any invitation of this programme to the person, used or not.

    `wipe`: the phones also delete everything.
    """

    invitation = Ref(Invitation)
    wipe = serializers.BooleanField(default=False)


@action("people.renew_invitation", input=Renew, allow=rules.renews_invitation & proved_recently)
def renew_invitation(
    call: Call, *, invitation: Invitation, by_email: bool, resets_factors: bool
) -> Answer:
    """Create a new code for a person whose code has expired or is lost, or who has a new phone
    and no other way to sign in. If the account was used before, a second member of staff must
    approve it. Refused: `no_address`, `ended`."""
    user = User.objects.get(id=invitation.user_id)
    return _renewed(call, user, invitation.programme_id, by_email, resets_factors)


@action("people.recover_staff", input=RecoverStaff, allow=only_system)
def recover_staff(
    call: Call, *, programme: uuid.UUID, user: uuid.UUID, by_email: bool, resets_factors: bool
) -> Answer:
    """Create a new code for a member of staff whom no administrator can help: an operator starts
    it on the server. A member of staff must approve it. Refused: `no_address`, `ended`."""
    known = Invitation.objects.in_scope(rules.staff_scope(programme)).filter(
        user_id=user, for_staff=True
    )
    if not known.exists():
        raise NotFound
    return _renewed(call, User.objects.get(id=user), programme, by_email, resets_factors)


def _renewed(
    call: Call, user: User, programme_id: uuid.UUID, by_email: bool, resets_factors: bool
) -> Answer:
    if not user.is_active:
        raise Refused("ended", "This account has ended. Please invite the person again.")
    new = invite(
        call,
        user,
        programme_id=programme_id,
        by_email=by_email,
        resets_factors=resets_factors,
    )
    return _answer(call, _locked(programme_id, new.invitation_id), new)


@action(
    "people.approve_invitation",
    input=Approve,
    allow=only_system | (rules.invites & proved_recently),
)
def approve_invitation(call: Call, *, programme: uuid.UUID, invitation: uuid.UUID) -> Answer:
    """Agree, as a second person, that this code opens the account. If it also resets a second
    factor, it works after three days, or when the owner confirms it on a device.

    Refused: `second_person`, `not_waiting`.
    """
    row = _locked(programme, invitation)
    if row.state(call.now) != "needs_approval":
        raise Refused("not_waiting", "This code does not wait for anyone's approval.")
    user = User.objects.get(id=row.user_id)
    with acting_as(user.id):
        person = Person.objects.in_scope(user.id).get(id=user.id)
    _require_second_person(call, row)
    goes_to_recorded = row.by_email and not user.email
    if goes_to_recorded and person.email_by == call.actor.id and call.actor is not SYSTEM:
        raise Refused(
            "second_person",
            "You recorded the address that this code goes to. Someone else must approve it, or the"
            " code can be handed over.",
        )
    # The owner's device may have confirmed it already, and only they see that row.
    with acting_as(row.user_id):
        recovery = AccountRecovery.objects.in_scope(row.user_id).get(id=row.id)
    # A factor that is added from now on was never part of what the owner knew of.
    row.resets_factors = row.resets_factors and has_second_factor(row.user_id)
    waits = row.resets_factors and recovery.confirmed_at is None
    row.approved_by, row.approved_at = call.actor.id, call.now
    row.usable_from = call.now + RESET_WAIT if waits else call.now
    row.expires_at = row.usable_from + VALID_FOR
    if row.by_email:
        code = new_code()
        row.code_hash = code_hash(code)
        send_code(row, user.email or person.email, user.locale, code)
    row.save()
    _tell_owner(call, row, recovery, user)
    return _answer(call, row)


def _require_second_person(call: Call, row: Invitation) -> None:
    refusal = Refused(
        "second_person",
        "Someone else must approve this code: neither who made it nor whose account it opens.",
    )
    if call.actor.id in (row.invited_by, row.user_id):
        # Without any colleague, the operator of the server is the only one left.
        is_last_resort = call.actor is SYSTEM and not others_with(
            Duty.INVITES, row.scope_id, beside=[row.user_id]
        )
        if not is_last_resort:
            raise refusal
    if call.actor is SYSTEM or not row.for_staff:
        return
    administrators = others_with(Duty.MANAGES, row.scope_id, beside=[row.user_id, row.invited_by])
    if administrators and not has_duty(row.scope_id, call.actor.id, Duty.MANAGES):
        raise Refused("second_person", "Please ask an administrator to approve this code.")


def _tell_owner(call: Call, row: Invitation, recovery: AccountRecovery, user: User) -> None:
    """Tell the owner on their devices and at their confirmed address."""
    by_operator = call.actor is SYSTEM
    recovery.approved_by = None if by_operator else call.actor.id
    recovery.approved_by_name = "" if by_operator else staff_name(row.programme_id, call.actor.id)
    recovery.approved_at, recovery.usable_from = call.now, row.usable_from
    recovery.resets_factors, recovery.expires_at = row.resets_factors, row.expires_at
    # Only the owner can write in their own scope.
    with acting_as(user.id):
        recovery.save()
        publish(recovery)
        queue.push(DEVICE_ALERT, scope_id=user.id)
        if user.email:
            queue.email(ACCOUNT_RECOVERY, address=user.email, scope_id=user.id, locale=user.locale)


@action("people.revoke_invitation", input=Revoke, allow=rules.manages_invitation)
def revoke_invitation(call: Call, *, invitation: Invitation) -> Answer:
    """Revoke an unused code. Refused: `used`."""
    row = _locked(invitation.programme_id, invitation.id)
    if row.used_at:
        raise Refused("used", "This invitation has already been used.")
    revoke(call, row)
    return _answer(call, row)


@action("people.refuse_recovery", input=OneRecovery, allow=rules.is_own_recovery)
def refuse_recovery(call: Call, *, recovery: AccountRecovery) -> None:
    """Refuse a new code for one's own account: it stops working. Refused: `over`."""
    row = _locked_own(recovery)
    if row.refused_at is None:
        _answer_invitation(call, row, refuse=True)
        row.refused_at = call.now
        row.save(update_fields=["refused_at"])
        publish(row)


@action("people.confirm_recovery", input=OneRecovery, allow=rules.is_own_recovery)
def confirm_recovery(call: Call, *, recovery: AccountRecovery) -> None:
    """Confirm, on a device that is signed in, that one has asked for this code. Once it is
    approved it works without waiting. Refused: `over`."""
    row = _locked_own(recovery)
    if row.confirmed_at is None:
        _answer_invitation(call, row, refuse=False)
        row.confirmed_at = call.now
        if row.approved_at and row.usable_from:
            row.usable_from = min(row.usable_from, call.now)
        row.save(update_fields=["confirmed_at", "usable_from"])
        publish(row)


@action(
    "people.sign_out_person",
    input=SignOutPerson,
    allow=rules.manages_invitation & proved_recently,
)
def sign_out_person(call: Call, *, invitation: Invitation, wipe: bool) -> None:
    """Sign a person out of every device, at their request: they called and have none at hand."""
    end_sessions(call, invitation.user_id, why="by_staff", wipe=wipe)


class EndSessions(ActionInput):
    user = serializers.UUIDField()


@action("people.end_sessions", input=EndSessions, allow=only_system)
def end_sessions_of_anyone(call: Call, *, user: uuid.UUID) -> None:
    """Sign a person out of every device, because credentials may be known to others."""
    end_sessions(call, user, why="by_staff")


def _locked(programme_id: uuid.UUID, invitation_id: uuid.UUID) -> Invitation:
    """The row, locked together with all other codes of its person."""
    rows = Invitation.objects.in_scope(rules.staff_scope(programme_id)).filter(id=invitation_id)
    user_id = rows.values_list("user_id", flat=True).first()
    if user_id is None:
        raise NotFound
    alone("people.invitations", user_id)
    row: Invitation = rows.select_for_update(no_key=True).get()
    return row


def _locked_own(recovery: AccountRecovery) -> AccountRecovery:
    alone("people.invitations", recovery.scope_id)
    row: AccountRecovery = AccountRecovery.objects.in_scope(recovery.scope_id).get(id=recovery.id)
    return row


def _answer_invitation(call: Call, row: AccountRecovery, *, refuse: bool) -> None:
    """Note the owner's answer in the invitation, which is in a scope of staff."""
    answered = functions.first("answer_invitation", invitation=row.id, refuse=refuse, at=call.now)
    if answered is None:
        raise Refused("over", "This code was used or taken back, or is too old.", current=row)


def _answer(call: Call, row: Invitation, new: Invited | None = None) -> Answer:
    data: dict[str, Any] = {"invitation": str(row.id), "state": row.state(call.now)}
    if row.usable_from:
        data["usable_from"] = row.usable_from.isoformat()
    return Answer(data, once=new.once() if new else None)
