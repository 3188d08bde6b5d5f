"""Questions about device sessions."""

from __future__ import annotations

import uuid
from datetime import datetime

from recovery.feed.models import ScopedQuerySet
from recovery.signin.models import DeviceSession


def live_sessions(user_id: uuid.UUID, now: datetime) -> ScopedQuerySet:
    """The user's device sessions that are neither revoked nor expired, oldest first."""
    return DeviceSession.objects.filter(
        scope_id=user_id, revoked_at=None, expires_at__gt=now, idle_expires_at__gt=now
    ).order_by("created_at")
