"""Questions about device sessions."""

from __future__ import annotations

import uuid
from datetime import datetime

from recovery.feed.models import ScopedQuerySet
from recovery.signin.models import DeviceSession


def unended_sessions(user_id: uuid.UUID) -> ScopedQuerySet:
    """The user's device sessions that nobody has ended, oldest first.

    Some may have run out. They can do nothing more, but a phone still holds their data: they can be
    ended, with a wipe, and the same install continues its own.
    """
    return DeviceSession.objects.filter(scope_id=user_id, revoked_at=None).order_by("created_at")


def is_living(session: DeviceSession, now: datetime) -> bool:
    """Whether the session is neither ended nor run out, as `session_state` in SQL decides."""
    lives_until = min(session.idle_expires_at, session.expires_at)
    return session.revoked_at is None and now < lives_until
