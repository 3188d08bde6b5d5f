"""Register one's own device for pushes."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from notifications import registrations
from notifications.transports import subscriptions
from notifications.transports.texts import LANGUAGES
from recovery.actions import ActionInput, Call, action
from recovery.actions.fields import Number, Text
from recovery.actions.rules import only_system
from recovery.feed import publish
from recovery.signin import rules
from recovery.signin.actions.inputs import PLATFORMS, Nothing
from recovery.signin.models import DeviceSession


class SubscriptionKeys(ActionInput):
    p256dh = Text(max_length=200)
    auth = Text(max_length=60)


class Subscription(ActionInput):
    """A browser's, as `PushSubscription.toJSON()` gives it."""

    endpoint = Text(max_length=subscriptions.LONGEST_ENDPOINT)
    keys = SubscriptionKeys()
    expirationTime = Number(required=False, allow_null=True)  # noqa: N815  # the browser's name

    def to_internal_value(self, data: Any) -> Any:
        sent = super().to_internal_value(data)
        try:
            return subscriptions.Subscription(sent["endpoint"], **sent["keys"])
        except subscriptions.NotAllowed as problem:
            wrong: dict[str, Any] = {problem.part: [str(problem)]}
            raise serializers.ValidationError(
                wrong if problem.part == "endpoint" else {"keys": wrong}
            ) from problem


class RegisterPush(ActionInput):
    """`value`: the registration token or Firebase installation id, as issued by Firebase. A browser
    sends `subscription` instead, with `kind` and `platform` "web", and the language in which it
    shows pushes; without it, they are in that of the account."""

    kind = serializers.ChoiceField(choices=("token", "fid", "web"))
    value = Text(validators=[RegexValidator(r"^[\x21-\x7e]{8,4096}\Z")], required=False)
    subscription = Subscription(required=False)
    language = serializers.ChoiceField(choices=LANGUAGES, required=False)
    platform = serializers.ChoiceField(choices=PLATFORMS)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        browser = data["kind"] == "web"
        needed, other = ("subscription", "value") if browser else ("value", "subscription")
        if needed not in data:
            raise serializers.ValidationError({needed: ["This field is required."]})
        if other in data:
            raise serializers.ValidationError({other: ["Not with this kind."]})
        if browser and data["platform"] != "web":
            raise serializers.ValidationError({"platform": ["A subscription is of the web."]})
        return data


@action("people.register_push", input=RegisterPush, allow=rules.has_session)
def register_push(
    call: Call,
    *,
    kind: str,
    platform: str,
    value: str = "",
    subscription: subscriptions.Subscription | None = None,
    language: str | None = None,
) -> dict[str, str]:
    """Send pushes for this device session here, until the session ends."""
    row = registrations.register(
        user_id=call.actor.id,
        session_id=call.session_id,  # type: ignore[arg-type]  # has_session
        kind=kind,
        value=subscription.text() if subscription else value,
        platform=platform,
        locale=language or call.actor.locale,  # type: ignore[attr-defined]  # has_session
        now=call.now,
    )
    _note_that_pushes_arrive(call)
    return {"registration": str(row.id)}


@action("people.unregister_push", input=Nothing, allow=rules.has_session)
def unregister_push(call: Call) -> None:
    """Stop sending pushes for this device session."""
    registrations.forget(user_id=call.actor.id, session_id=call.session_id)
    _note_that_pushes_arrive(call)


class StoppedPushes(ActionInput):
    scope_id = serializers.UUIDField()
    session = serializers.UUIDField()


@action("people.note_stopped_pushes", input=StoppedPushes, allow=only_system)
def note_stopped_pushes(call: Call, *, scope_id: uuid.UUID, session: uuid.UUID) -> None:
    """Show the owner that a device's pushes no longer arrive, until it registers again."""
    rows = DeviceSession.objects.in_scope(scope_id).select_for_update(no_key=True)
    row = rows.filter(id=session, pushes_stopped_at=None).first()
    # The app may have registered again since the job looked.
    if row is not None and registrations.has_stopped(user_id=scope_id, session_id=session):
        row.pushes_stopped_at = call.now
        row.save(update_fields=["pushes_stopped_at"])
        publish(row)


def _note_that_pushes_arrive(call: Call) -> None:
    """Or that none are wanted. Publishes only if this changes something: an app registers at each
    start, and every change wakes the person's other phones."""
    rows = DeviceSession.objects.in_scope(call.actor.id).select_for_update(no_key=True)
    here: dict[str, Any] = {"id": call.session_id, "pushes_stopped_at__isnull": False}
    stopped = rows.filter(**here).first()
    if stopped is not None:
        stopped.pushes_stopped_at = None
        stopped.save(update_fields=["pushes_stopped_at"])
        publish(stopped)
