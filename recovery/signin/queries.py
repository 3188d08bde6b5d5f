"""Questions about device sessions."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import connection

from recovery.feed.models import ScopedQuerySet
from recovery.signin.models import DeviceSession


def live_sessions(user_id: uuid.UUID, now: datetime) -> ScopedQuerySet:
    """The user's device sessions that are neither revoked nor expired, oldest first."""
    return DeviceSession.objects.filter(
        scope_id=user_id, revoked_at=None, expires_at__gt=now, idle_expires_at__gt=now
    ).order_by("created_at")


def sessions_that_live(ids: list[uuid.UUID], now: datetime) -> set[uuid.UUID]:
    """Which of these device sessions, of any user, have not ended. For the live tier."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM sessions_that_live(%s, %s)", [ids, now])
        return {row[0] for row in cursor.fetchall()}
