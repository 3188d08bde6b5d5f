"""Accounts, sign-ins and devices that pushes reach."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from uuid_utils.compat import uuid7

from notifications import registrations
from notifications.models import PushRegistration
from recovery.actions import Call
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.flush import flush
from recovery.people.actions.invitations import Invited, create_invited_patient
from recovery.people.rules import NAME_PARTS
from recovery.signin import sessions
from recovery.signin.models import User
from tests.cast.acting import NOW
from tests.roles import set_scene

# The home of people who belong to no programme.
HOME = uuid.UUID("018f0000-0000-7000-8000-000000000001")


def make_user(email: str | None = None, *, is_staff: bool = False, **facts: Any) -> User:
    """An account with its `person:` scope."""
    user = User(id=uuid7(), email=email, is_staff=is_staff, created_at=NOW, **facts)
    user.set_unusable_password()
    with transaction.atomic(), collecting(), set_scene():
        user.save(force_insert=True)
        scopes.open_scope("person", user.id, home_id=HOME, user_id=user.id, role="self")
    return user


def sign_in(
    user: User,
    *,
    now: datetime = NOW,
    methods: list[str] | None = None,
    name: str = "Phone",
    install: str | None = None,
    **device: Any,
) -> dict[str, str]:
    """A device session: its ids and tokens. Staff sign in with a passkey."""
    usual = ["passkey"] if user.is_staff else ["email_code"]
    return sessions.start(
        user,
        device={"platform": "android", "app": "1.0.0", "name": name, **device},
        install=install or secrets.token_urlsafe(16),
        methods=usual if methods is None else methods,
        now=now,
    )


ANA: dict[str, Any] = {
    "given_name": "Ana",
    "family_name": "Reyes",
    "date_of_birth": date(1990, 4, 1),
    "email": "ana@example.org",
    "by_email": False,
}

# What someone writes. tests/architecture/canaries.py looks for it where it must not be.
WORDS = "I nearly drank on Tuesday, then I called Ben"


def invite_patient(
    staff: User, programme_id: uuid.UUID, *, now: datetime = NOW, **facts: Any
) -> Invited:
    """Ana's invitation, without a care record: what the people domain does for an admission."""
    details = {"today": NOW.date(), "locale": "es"} | ANA | facts
    details["name"] = {part: details.pop(part, "") for part in NAME_PARTS}
    with transaction.atomic(), collecting() as collection:
        set_actor(staff.id)
        call = Call(actor=staff, now=now)
        invited = create_invited_patient(call, programme_id=programme_id, **details)
        flush(collection, author_id=staff.id, now=now, origin=[])
    return invited


def make_device(
    user: User,
    value: str | None = None,
    *,
    platform: str = "android",
    kind: str = "token",
    locale: str = "en",
    now: datetime | None = None,
) -> PushRegistration:
    """An app of `user` that the push service can reach, in a device session of its own."""
    with transaction.atomic():
        set_actor(user.id)
        return registrations.register(
            user_id=user.id,
            session_id=uuid7(),
            kind=kind,
            value=value or f"device:{uuid.uuid4().hex}",
            platform=platform,
            locale=locale,
            now=now or datetime.now(UTC),
        )


def reachable(value: str, platform: str = "android") -> User:
    """A new user with one device that pushes reach."""
    user = make_user()
    make_device(user, value, platform=platform)
    return user
