"""How a device of one's own can be reached."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from notifications import registrations
from recovery.actions import ActionInput, Call, action
from recovery.signin import rules
from recovery.signin.actions.inputs import PLATFORMS
from recovery.signin.actions.sessions import Nothing


class RegisterPush(ActionInput):
    """`value`: the registration token or Firebase installation id, as Firebase gave it."""

    kind = serializers.ChoiceField(choices=("token", "fid"))
    value = serializers.RegexField(r"^[\x21-\x7e]{8,4096}$")
    platform = serializers.ChoiceField(choices=PLATFORMS)


@action("people.register_push", input=RegisterPush, allow=rules.has_session)
def register_push(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Reach this session's app here from now on, until the session ends."""
    who = {"user_id": call.actor.id, "session_id": call.session_id}
    row = registrations.register(**who, **data, now=call.now)
    return {"registration": str(row.id)}


@action("people.unregister_push", input=Nothing, allow=rules.has_session)
def unregister_push(call: Call, data: dict[str, Any]) -> None:
    """Reach this session's app no longer."""
    registrations.forget(user_id=call.actor.id, session_id=call.session_id)
