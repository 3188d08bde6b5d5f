"""An invited person enrols."""

from __future__ import annotations

from typing import cast

from rest_framework import serializers

from foundation.mail_addresses import compared
from recovery.actions import ActionInput, Call, action
from recovery.feed import scopes
from recovery.people.actions.accounts import end_sessions
from recovery.people.models import Person
from recovery.signin.models import User
from recovery.signin.rules import proved_just_now


class Accept(ActionInput):
    """`by_email`: the code was sent to the person's e-mail address, so the address is confirmed."""

    by_email = serializers.BooleanField()


@action("people.accept_invitation", input=Accept, allow=proved_just_now)
def accept_invitation(call: Call, *, by_email: bool) -> None:
    """Enrol. Held memberships of staff begin now, and those of a patient after the notice.

    Only a confirmed address becomes the sign-in name. An unconfirmed one may be mistyped, and
    would let a stranger sign in.
    """
    # A person who enrols again has lost their old way to sign in, so older sessions end.
    end_sessions(call, call.actor.id, why="recovered")
    user = cast("User", call.actor)  # the rule lets only a user in
    if by_email and not user.email:
        email = Person.objects.in_scope(user.id).get(id=user.id).email
        address = compared(email) if email else ""
        # Another account may have the address. Saying so would reveal that account, so this person
        # enrols without a sign-in name.
        if address and not User.objects.filter(email=address).exists():
            User.objects.filter(id=user.id).update(email=address)
    if user.is_staff:
        scopes.release_held(user.id)
