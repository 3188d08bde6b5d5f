"""Questions about accounts and their sessions."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import connection

from recovery.feed.models import ScopedQuerySet
from recovery.signin.models import DeviceSession


def live_sessions(user_id: uuid.UUID, now: datetime) -> ScopedQuerySet:
    """The person's sessions that have neither ended nor run out, oldest first."""
    return DeviceSession.objects.filter(
        scope_id=user_id, revoked_at=None, expires_at__gt=now, idle_expires_at__gt=now
    ).order_by("created_at")


def sessions_that_live(asked: list[uuid.UUID], now: datetime) -> set[uuid.UUID]:
    """Which of these sessions have not ended, whoever they belong to; for the live tier."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM sessions_that_live(%s, %s)", [asked, now])
        return {row[0] for row in cursor.fetchall()}
