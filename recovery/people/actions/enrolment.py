"""The invited person comes in for the first time."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recovery.actions import ActionInput, Call, action
from recovery.feed import scopes
from recovery.people.models import Person
from recovery.signin import queries
from recovery.signin.actions.sessions import end
from recovery.signin.models import User
from recovery.signin.rules import proved_just_now


class Accept(ActionInput):
    """`by_email`: the code came to the person's address, which is thereby confirmed."""

    by_email = serializers.BooleanField()


@action("people.accept_invitation", input=Accept, allow=proved_just_now)
def accept_invitation(call: Call, data: dict[str, Any]) -> None:
    """A confirmed address becomes the sign-in name, and staff get their places in the programme.

    Somebody who comes in by a new code has lost the old way in, so earlier sessions end. A
    patient's places begin with the acknowledgement of the notice, not here. An address that
    nobody confirmed would let in whoever it belongs to, should it have been written down wrong.
    """
    for session in queries.live_sessions(call.actor.id, call.now).select_for_update(no_key=True):
        end(session, why="recovered", now=call.now)
    if data["by_email"]:
        _claim_address(call.actor)
    if call.actor.is_staff:
        scopes.release_held(call.actor.id)


def _claim_address(user: User) -> None:
    """Unless another account has it: then this one goes on without, and nobody is told."""
    address = Person.objects.in_scope(user.id).get(id=user.id).email.lower()
    if address and not user.email and not User.objects.filter(email=address).exists():
        User.objects.filter(id=user.id).update(email=address)
