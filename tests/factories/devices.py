"""Phones that can be reached."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.db import transaction
from uuid_utils.compat import uuid7

from notifications import registrations
from notifications.models import PushRegistration
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.factories.people import make_user


def make_device(
    user: User,
    value: str | None = None,
    *,
    platform: str = "android",
    kind: str = "token",
    now: datetime | None = None,
) -> PushRegistration:
    """An app of `user` that the push service can reach, in a session of its own."""
    with transaction.atomic():
        set_actor(user.id)
        return registrations.register(
            user_id=user.id,
            session_id=uuid7(),
            kind=kind,
            value=value or f"device:{uuid.uuid4().hex}",
            platform=platform,
            now=now or datetime.now(UTC),
        )


def reachable(value: str, platform: str = "android") -> User:
    """A new person with one phone."""
    user = make_user()
    make_device(user, value, platform=platform)
    return user
