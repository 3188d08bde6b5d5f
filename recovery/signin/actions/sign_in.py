"""Signing in: a person has proved their identity, and a device session begins."""

from __future__ import annotations

from typing import cast

from rest_framework import serializers

from foundation.problems import NotFound
from notifications import queue
from recovery.actions import ActionInput, Answer, Call, action
from recovery.actions.alone import alone
from recovery.actions.fields import Text
from recovery.feed import publish
from recovery.signin import queries, rules
from recovery.signin.actions.inputs import Device, DeviceFacts, Nothing
from recovery.signin.issuing import start_family
from recovery.signin.models import DeviceSession, User
from recovery.signin.notification_types import DEVICE_ALERT
from recovery.signin.tokens import sha256

# Of two sign-ins of one install at the same time, the second continues the first one's session.
ONE_SIGN_IN = "people.sign_in"
METHODS = ("enrolment_code", "email_code", "passkey", "totp", "recovery_code")


class SignIn(ActionInput):
    """`install`: a secret of the installed app. `methods`: how the person proved their identity."""

    install = Text(min_length=16, max_length=200)
    device = Device()
    methods = serializers.ListField(
        child=serializers.ChoiceField(choices=METHODS), allow_empty=False
    )


@action("people.sign_in", input=SignIn, allow=rules.proved_just_now)
def sign_in(call: Call, *, install: str, device: DeviceFacts, methods: list[str]) -> Answer:
    """Begin a device session. The tokens are returned only this time.

    Signing in again on the same install, to confirm one's identity or after losing the tokens,
    continues its session, even one that has run out.
    """
    alone(ONE_SIGN_IN, call.actor.id)
    rows = queries.unended_sessions(call.actor.id).select_for_update(no_key=True)
    install_hash = sha256(install)
    here: list[DeviceSession] = []
    elsewhere: list[DeviceSession] = []
    for each in rows:
        (here if each.install == install_hash else elsewhere).append(each)
    new = DeviceSession(scope_id=call.actor.id, install=install_hash, created_at=call.now)
    session = here[-1] if here else new
    _describe(session, call, device, methods)
    tokens = start_family(session, call.now)
    session.save()
    publish(session)
    # The person's other devices hear of it, in case it was someone else.
    if any(queries.is_living(each, call.now) for each in elsewhere):
        queue.push(DEVICE_ALERT, scope_id=call.actor.id)
    return Answer({"session": str(session.id)}, once=tokens)


class Confirm(ActionInput):
    """`methods`: how the person has just proved their identity."""

    methods = serializers.ListField(
        child=serializers.ChoiceField(choices=METHODS), allow_empty=False
    )


@action("people.confirm_identity", input=Confirm, allow=rules.proved_just_now)
def confirm_identity(call: Call, *, methods: list[str]) -> Answer:
    """Continue a session with more proof of identity. Its earlier tokens stop working."""
    rows = DeviceSession.objects.in_scope(call.actor.id).select_for_update(no_key=True)
    session = rows.filter(id=cast("User", call.actor).session_id, revoked_at=None).first()
    if session is None:
        raise NotFound
    session.methods = sorted({*session.methods, *methods})
    tokens = start_family(session, call.now)
    session.save()
    publish(session)
    return Answer({"session": str(session.id)}, once=tokens)


@action("people.note_factor_change", input=Nothing, allow=rules.proved_just_now)
def note_factor_change(call: Call) -> None:
    """Alert every device of the person that a way to sign in was added or removed."""
    queue.push(DEVICE_ALERT, scope_id=call.actor.id)


def _describe(session: DeviceSession, call: Call, device: DeviceFacts, methods: list[str]) -> None:
    """Set the device, the proof of identity and the lifetime of the session, without saving."""
    life = rules.lifetime(cast("User", call.actor).is_staff)
    session.device_key = device.get("public_key")
    session.platform, session.app, session.name = device["platform"], device["app"], device["name"]
    session.methods = sorted(set(methods))
    session.last_seen = rules.to_five_minutes(call.now)
    session.idle_for, session.idle_expires_at = life.idle, call.now + life.idle
    session.expires_at = call.now + life.absolute
