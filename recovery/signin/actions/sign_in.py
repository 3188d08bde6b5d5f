"""A person has proved who they are: begin a session for their phone."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from foundation.problems import NotFound
from notifications import queue
from recovery.actions import ActionInput, Answer, Call, action
from recovery.feed import publish
from recovery.signin import notification_types, queries, rules
from recovery.signin.actions.inputs import Device
from recovery.signin.actions.sessions import Nothing
from recovery.signin.issuing import start_family
from recovery.signin.models import DeviceSession
from recovery.signin.tokens import sha256

METHODS = ("enrolment_code", "email_code", "passkey", "totp", "recovery_code")


class SignIn(ActionInput):
    """`install`: a secret that the installed app made for itself; `methods`: what was proved."""

    install = serializers.CharField(min_length=16, max_length=200)
    device = Device()
    methods = serializers.ListField(
        child=serializers.ChoiceField(choices=METHODS), allow_empty=False
    )


@action("people.sign_in", input=SignIn, allow=rules.proved_just_now)
def sign_in(call: Call, data: dict[str, Any]) -> Answer:
    """Begin a session; the tokens are told once. Signing in again where one is already signed
    in (to confirm who one is, or after the tokens were lost) goes on with the same session."""
    others, session = _sessions(call, sha256(data["install"]))
    _describe(session, call, data)
    tokens = start_family(session, call.now)
    session.save()
    publish(session)
    if others:
        queue.push(notification_types.DEVICE_ALERT, scope_id=call.actor.id)
    return Answer({"session": str(session.id)}, once=tokens)


class Confirm(ActionInput):
    """`methods`: what was proved just now."""

    methods = serializers.ListField(
        child=serializers.ChoiceField(choices=METHODS), allow_empty=False
    )


@action("people.confirm_identity", input=Confirm, allow=rules.proved_just_now)
def confirm_identity(call: Call, data: dict[str, Any]) -> Answer:
    """Go on with a session with more proof; its earlier tokens no longer work."""
    rows = DeviceSession.objects.in_scope(call.actor.id).select_for_update(no_key=True)
    session = rows.filter(id=call.actor.session_id, revoked_at=None).first()
    if session is None:
        raise NotFound
    session.methods = sorted({*session.methods, *data["methods"]})
    tokens = start_family(session, call.now)
    session.save()
    publish(session)
    return Answer({"session": str(session.id)}, once=tokens)


@action("people.note_factor_change", input=Nothing, allow=rules.proved_just_now)
def note_factor_change(call: Call, data: dict[str, Any]) -> None:
    """A way to sign in was added or removed: every device of the person says so."""
    queue.push(notification_types.DEVICE_ALERT, scope_id=call.actor.id)


def _sessions(call: Call, install: bytes) -> tuple[list[DeviceSession], DeviceSession]:
    """The person's sessions elsewhere, and the one of this install."""
    live = list(queries.live_sessions(call.actor.id, call.now).select_for_update(no_key=True))
    here = [session for session in live if session.install == install]
    new = DeviceSession(scope_id=call.actor.id, install=install, created_at=call.now)
    return [s for s in live if s not in here], here[0] if here else new


def _describe(session: DeviceSession, call: Call, data: dict[str, Any]) -> None:
    """What is known of the device and of the proof, and how long that lasts; unsaved."""
    device, life = data["device"], rules.lifetime(call.actor.is_staff)
    session.device_key = device.get("public_key")
    session.platform, session.app, session.name = device["platform"], device["app"], device["name"]
    session.methods = sorted(set(data["methods"]))
    session.last_seen = rules.five_minutes(call.now)
    session.idle_for, session.idle_expires_at = life.idle, call.now + life.idle
    session.expires_at = call.now + life.absolute
