"""Register one's own device for pushes."""

from __future__ import annotations

from django.core.validators import RegexValidator
from rest_framework import serializers

from notifications import registrations
from recovery.actions import ActionInput, Call, action
from recovery.actions.fields import Text
from recovery.signin import rules
from recovery.signin.actions.inputs import PLATFORMS, Nothing


class RegisterPush(ActionInput):
    """`value`: the registration token or Firebase installation id, as issued by Firebase."""

    kind = serializers.ChoiceField(choices=("token", "fid"))
    value = Text(validators=[RegexValidator(r"^[\x21-\x7e]{8,4096}\Z")])
    platform = serializers.ChoiceField(choices=PLATFORMS)


@action("people.register_push", input=RegisterPush, allow=rules.has_session)
def register_push(call: Call, *, kind: str, value: str, platform: str) -> dict[str, str]:
    """Send pushes for this device session here, until the session ends."""
    row = registrations.register(
        user_id=call.actor.id,
        session_id=call.session_id,  # type: ignore[arg-type]  # has_session
        kind=kind,
        value=value,
        platform=platform,
        now=call.now,
    )
    return {"registration": str(row.id)}


@action("people.unregister_push", input=Nothing, allow=rules.has_session)
def unregister_push(call: Call) -> None:
    """Stop sending pushes for this device session."""
    registrations.forget(user_id=call.actor.id, session_id=call.session_id)
