"""Helpers to load and to revoke a device session."""

from __future__ import annotations

import uuid
from typing import Any

from recovery.signin.models import DeviceSession, User
from tests.cast import act


def stored(tokens: dict[str, str]) -> DeviceSession:
    rows = DeviceSession.objects.in_scope(uuid.UUID(tokens["user"]))
    return rows.get(id=tokens["session"])


def revoke(user: User, tokens: dict[str, str], **options: Any) -> None:
    session = uuid.UUID(tokens["session"])
    act(user, "people.revoke_session", session_id=session, session=session, **options)
