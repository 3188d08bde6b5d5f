"""Puts a phone's session into one of its states, for the statements that authenticate a request."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from recovery.actions import Call, perform
from recovery.signin.tokens import sha256
from tests.cast import FakePhone


def brought_into(state: str, phone: FakePhone) -> tuple[bytes, datetime]:
    """The hash of the phone's token, and a time at which its session is in `state`."""
    now = timezone.now()
    if state in ("ended", "wipe"):
        session = phone.tokens["session"]
        wish = {"session": session, "wipe": state == "wipe"}
        call = Call(phone.user, now, session_id=uuid.UUID(session))
        perform("people.revoke_session", data=wish, call=call)
    late = now + timedelta(minutes=16) if state == "expired" else now
    return sha256(phone.tokens["access_token"]), late


def columns(cursor: Any) -> list[str]:
    return [column.name for column in cursor.description]
