"""Ending sessions: signing out, from here or from elsewhere, with or without emptying the phone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from rest_framework import serializers

from foundation.problems import NotFound
from notifications import queue, registrations
from recovery.actions import ActionInput, Call, Ref, action
from recovery.feed import announce, publish
from recovery.signin import notification_types, rules
from recovery.signin.models import DeviceSession


class Revoke(ActionInput):
    """`wipe`: the phone must delete its data at its next contact of any kind."""

    session = Ref(DeviceSession, lock=True)
    wipe = serializers.BooleanField(default=False)


class OneSession(ActionInput):
    session = Ref(DeviceSession, lock=True)


class Nothing(ActionInput):
    pass


@action("people.revoke_session", input=Revoke, allow=rules.is_own_session)
def revoke_session(call: Call, data: dict[str, Any]) -> None:
    """Sign one of one's own devices out."""
    end(data["session"], why="revoked", wipe=data["wipe"], now=call.now)


@action("people.report_phone_lost", input=OneSession, allow=rules.is_own_session)
def report_phone_lost(call: Call, data: dict[str, Any]) -> None:
    """Sign a lost phone out; it wipes itself as soon as it comes online."""
    end(data["session"], why="lost", wipe=True, now=call.now)
    queue.push(notification_types.DEVICE_ALERT, scope_id=data["session"].scope_id)


@action("people.sign_out", input=Nothing, allow=rules.has_session)
def sign_out(call: Call, data: dict[str, Any]) -> None:
    """End the session that asks."""
    rows = DeviceSession.objects.in_scope(call.actor.id).select_for_update(no_key=True)
    session = rows.filter(id=call.session_id).first()  # type: ignore[misc]  # has_session
    if session is None:
        raise NotFound
    end(session, why="signed_out", now=call.now)


@action("people.end_reused_session", input=OneSession, allow=rules.proved_just_now)
def end_reused_session(call: Call, data: dict[str, Any]) -> None:
    """An old refresh token came back: it was stolen, or the phone was cloned. Tell the others."""
    end(data["session"], why="reuse", now=call.now)
    queue.push(notification_types.DEVICE_ALERT, scope_id=call.actor.id)


@action("people.acknowledge_wipe", input=OneSession, allow=rules.proved_just_now)
def acknowledge_wipe(call: Call, data: dict[str, Any]) -> None:
    """The phone has deleted everything. Counts once."""
    session: DeviceSession = data["session"]
    if session.wipe_requested_at and not session.wipe_acked_at:
        session.wipe_acked_at = call.now
        session.save(update_fields=["wipe_acked_at"])
        publish(session)


def end(session: DeviceSession, *, why: str, now: datetime, wipe: bool = False) -> None:
    """End a locked session: no token of it works any more, no push reaches it, sockets close.

    A session that has ended stays ended for the first reason; it may still be told to wipe.
    """
    if session.revoked_at is None:
        session.revoked_at, session.revoked_why = now, why
    if wipe and session.wipe_requested_at is None:
        session.wipe_requested_at = now
    session.save(update_fields=["revoked_at", "revoked_why", "wipe_requested_at"])
    registrations.forget(user_id=session.scope_id, session_id=session.id)
    publish(session)
    message = (f"session.{session.id}", "wipe" if session.wipe_requested_at else "revoked")
    # nosemgrep: later-is-a-row  # a hint: a socket looks at its session again by itself
    transaction.on_commit(lambda: announce.publish([message]))
