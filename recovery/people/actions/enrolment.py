"""An invited person enrols."""

from __future__ import annotations

import uuid
from typing import cast

from rest_framework import serializers

from foundation.mail_addresses import compared
from notifications import queue
from recovery.actions import ActionInput, Call, action
from recovery.actions.alone import alone
from recovery.feed import publish, scopes
from recovery.people.actions.accounts import end_sessions
from recovery.people.actions.addresses import claim_address
from recovery.people.models import AccountRecovery, Person
from recovery.signin.actions.sign_in import ONE_SIGN_IN
from recovery.signin.models import User
from recovery.signin.notification_types import DEVICE_ALERT
from recovery.signin.rules import proved_just_now
from recovery.signin.second_factors import remove_second_factors


class Accept(ActionInput):
    """`by_email`: the code was sent to the person's e-mail address, so the address is confirmed.

    `resets_factors`: the code was approved to remove the person's second factors.
    """

    by_email = serializers.BooleanField()
    invitation = serializers.UUIDField(required=False)
    resets_factors = serializers.BooleanField(default=False)


@action("people.accept_invitation", input=Accept, allow=proved_just_now)
def accept_invitation(
    call: Call, *, by_email: bool, resets_factors: bool, invitation: uuid.UUID | None = None
) -> None:
    """Enrol. Held memberships of staff begin now, and those of a patient after the notice.

    Only a confirmed address becomes the sign-in name. An unconfirmed one may be mistyped, and
    would let a stranger sign in.
    """
    # Before the locks of their sessions, as in the sign-in that follows in this transaction.
    alone(ONE_SIGN_IN, call.actor.id)
    # A person who enrols again has lost their old way to sign in, so older sessions end.
    end_sessions(call, call.actor.id, why="recovered")
    user = cast("User", call.actor)  # the rule lets only a user in
    if resets_factors:
        remove_second_factors(user.id)
    if by_email and not user.email:
        # Another account may have the address. Saying so would reveal that account, so this person
        # enrols without a sign-in name.
        address = Person.objects.in_scope(user.id).get(id=user.id).email
        if address:
            claim_address(user.id, compared(address))
    if user.is_staff:
        scopes.release_held(user.id)
    if invitation:
        _end_recovery(call, invitation)


def _end_recovery(call: Call, invitation: uuid.UUID) -> None:
    """Show that the code was used, if it was one for an account that was used before."""
    for row in AccountRecovery.objects.in_scope(call.actor.id).filter(id=invitation):
        row.used_at = call.now
        row.save(update_fields=["used_at"])
        publish(row)
        queue.push(DEVICE_ALERT, scope_id=call.actor.id)
