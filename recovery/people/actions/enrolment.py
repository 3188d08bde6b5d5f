"""An invited person enrols."""

from __future__ import annotations

from rest_framework import serializers

from recovery.actions import ActionInput, Call, action
from recovery.feed import scopes
from recovery.people.models import Person
from recovery.signin import queries
from recovery.signin.actions.sessions import end
from recovery.signin.models import User
from recovery.signin.rules import proved_just_now


class Accept(ActionInput):
    """`by_email`: the code was sent to the person's e-mail address, so the address is confirmed."""

    by_email = serializers.BooleanField()


@action("people.accept_invitation", input=Accept, allow=proved_just_now)
def accept_invitation(call: Call, *, by_email: bool) -> None:
    """Enrol. Held memberships of staff begin now, those of a patient after the notice.

    Only a confirmed address becomes the sign-in name. An unconfirmed one may be mistyped, and
    would let a stranger sign in.
    """
    # A person who enrols again has lost their old way to sign in, so older sessions end.
    for session in queries.live_sessions(call.actor.id, call.now).select_for_update(no_key=True):
        end(session, why="recovered", now=call.now)
    if by_email:
        _claim_address(call.actor)
    if call.actor.is_staff:
        scopes.release_held(call.actor.id)


def _claim_address(user: User) -> None:
    """Make the address the sign-in name, unless another account has it. That is not reported."""
    address = Person.objects.in_scope(user.id).get(id=user.id).email.lower()
    if address and not user.email and not User.objects.filter(email=address).exists():
        User.objects.filter(id=user.id).update(email=address)
