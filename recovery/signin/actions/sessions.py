"""Ending device sessions: signing out, here or on another device, with or without a wipe."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from rest_framework import serializers

from foundation.problems import NotFound
from notifications import queue, registrations
from recovery.actions import ActionInput, Call, Ref, action
from recovery.feed import announce, publish
from recovery.signin import rules
from recovery.signin.actions.inputs import Nothing
from recovery.signin.models import DeviceSession
from recovery.signin.notification_types import DEVICE_ALERT

# A stranger with an unlocked phone must not sign out and wipe its owner's other devices.
OF_OWN_DEVICE = rules.is_own_session & rules.proved_recently


class Revoke(ActionInput):
    """`wipe`: the phone must delete its data at its next contact with the server."""

    session = Ref(DeviceSession, lock=True)
    wipe = serializers.BooleanField(default=False)


class OneSession(ActionInput):
    session = Ref(DeviceSession, lock=True)


@action("people.revoke_session", input=Revoke, allow=OF_OWN_DEVICE)
def revoke_session(call: Call, *, session: DeviceSession, wipe: bool) -> None:
    """Sign out one of one's own devices."""
    end(session, why="revoked", wipe=wipe, now=call.now)


@action("people.report_phone_lost", input=OneSession, allow=OF_OWN_DEVICE)
def report_phone_lost(call: Call, *, session: DeviceSession) -> None:
    """Sign out a lost phone. It wipes itself as soon as it is online."""
    end(session, why="lost", wipe=True, now=call.now)
    queue.push(DEVICE_ALERT, scope_id=session.scope_id)


@action("people.sign_out", input=Nothing, allow=rules.has_session)
def sign_out(call: Call) -> None:
    """End the caller's device session."""
    rows = DeviceSession.objects.in_scope(call.actor.id).select_for_update(no_key=True)
    session = rows.filter(id=call.session_id).first()  # type: ignore[misc]  # has_session
    if session is None:
        raise NotFound
    end(session, why="signed_out", now=call.now)


@action("people.end_reused_session", input=OneSession, allow=rules.proved_just_now)
def end_reused_session(call: Call, *, session: DeviceSession) -> None:
    """End the session of a refresh token that was used twice, and alert the other devices.

    The token was stolen, or the phone was cloned.
    """
    end(session, why="reuse", now=call.now)
    queue.push(DEVICE_ALERT, scope_id=call.actor.id)


@action("people.acknowledge_wipe", input=OneSession, allow=rules.proved_just_now)
def acknowledge_wipe(call: Call, *, session: DeviceSession) -> None:
    """Record that the phone has deleted everything. Only the first time counts."""
    if session.wipe_requested_at and not session.wipe_acked_at:
        session.wipe_acked_at = call.now
        session.save(update_fields=["wipe_acked_at"])
        publish(session)


def end(session: DeviceSession, *, why: str, now: datetime, wipe: bool = False) -> None:
    """End a locked session: its tokens stop working, pushes stop, its sockets close.

    A session that has already ended keeps its first reason. A wipe can still be requested.
    """
    if session.revoked_at is None:
        session.revoked_at, session.revoked_why = now, why
    if wipe and session.wipe_requested_at is None:
        session.wipe_requested_at = now
    session.save(update_fields=["revoked_at", "revoked_why", "wipe_requested_at"])
    registrations.forget(user_id=session.scope_id, session_id=session.id)
    publish(session)
    message = (f"session.{session.id}", "wipe" if session.wipe_requested_at else "revoked")
    # nosemgrep: later-is-a-row  # a hint: a socket checks its session again anyway
    transaction.on_commit(lambda: announce.send([message]))
