"""People with accounts, and the phones they are signed in on."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.people import sessions
from recovery.people.models import User

HOME = uuid.UUID("018f0000-0000-7000-8000-000000000001")
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def make_user(email: str | None = None, *, is_staff: bool = False, **facts: Any) -> User:
    """An account with its `person:` scope."""
    user = User(id=uuid7(), email=email, is_staff=is_staff, created_at=NOW, **facts)
    user.set_unusable_password()
    with transaction.atomic(), collecting():
        set_actor(user.id)
        user.save(force_insert=True)
        scopes.open_scope("person", user.id, home_id=HOME, user_id=user.id, role="self")
    return user


def sign_in(
    user: User,
    *,
    now: datetime | None = None,
    methods: list[str] | None = None,
    name: str = "Phone",
    install: str | None = None,
    **device: Any,
) -> dict[str, str]:
    """A session for `user`: its ids and tokens. Staff come with a passkey."""
    usual = ["passkey"] if user.is_staff else ["email_code"]
    return sessions.start(
        user,
        device={"platform": "android", "app": "1.0.0", "name": name, **device},
        install=install or secrets.token_urlsafe(16),
        methods=usual if methods is None else methods,
        now=now or NOW,
    )
