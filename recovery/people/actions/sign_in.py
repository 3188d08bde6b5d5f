"""A person has proved who they are: begin a session for their phone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from notifications import queue
from recovery.actions import ActionInput, Answer, Call, action
from recovery.feed import publish
from recovery.people import notices, queries, rules
from recovery.people.actions.inputs import Device
from recovery.people.actions.sessions import end
from recovery.people.models import DeviceSession
from recovery.people.tokens import RefreshToken, digest, new_access_token, new_refresh_token

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
    """Begin a session; the tokens are told once. Ends what this install had before."""
    install = digest(data["install"])
    earlier = list(queries.live_sessions(call.actor.id, call.now))
    for session in earlier:
        if session.install == install:
            end(session, why="replaced", now=call.now)
    access, refresh = new_access_token(), new_refresh_token()
    session = _session(call, data, install)
    give(session, access, refresh, call.now)
    session.family_hash = digest(refresh.family)
    session.save(force_insert=True)
    publish(session)
    if earlier:
        queue.push(notices.DEVICE_ALERT, scope_id=call.actor.id)
    return Answer({"session": str(session.id)}, once=told(session, access, refresh))


def give(session: DeviceSession, access: str, refresh: RefreshToken, now: datetime) -> None:
    """Make these the session's tokens; unsaved."""
    session.access_hash = digest(access)
    session.access_expires_at = min(now + rules.ACCESS_LIFE, session.expires_at)
    session.current_hash = digest(refresh.secret)
    session.rotated_at = now
    session.arrived = False


def told(session: DeviceSession, access: str, refresh: RefreshToken) -> dict[str, str]:
    """What the phone is told of its tokens."""
    return {
        "user": str(session.scope_id),
        "session": str(session.id),
        "access_token": access,
        "access_expires_at": session.access_expires_at.isoformat(),
        "refresh_token": str(refresh),
    }


def _session(call: Call, data: dict[str, Any], install: bytes) -> DeviceSession:
    device, life = data["device"], rules.lifetime(call.actor.is_staff)
    return DeviceSession(
        scope_id=call.actor.id,
        device_key=device.get("public_key"),
        platform=device["platform"],
        app=device["app"],
        name=device["name"],
        install=install,
        methods=sorted(set(data["methods"])),
        created_at=call.now,
        last_seen=rules.five_minutes(call.now),
        auth_time=call.now,
        idle_for=life.idle,
        idle_expires_at=call.now + life.idle,
        expires_at=call.now + life.absolute,
    )
