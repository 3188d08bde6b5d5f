"""People with accounts, and the phones they are signed in on."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.actions import Call
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.flush import flush
from recovery.people.actions.invitations import Invited, create_invited_patient
from recovery.signin import sessions
from recovery.signin.models import User

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


def make_programme() -> tuple[uuid.UUID, User]:
    """A programme's scopes and its administrator."""
    programme_id, admin = uuid7(), make_user(is_staff=True)
    with transaction.atomic(), collecting():
        set_actor(admin.id)
        for kind in ("program", "staff"):
            scopes.open_scope(
                kind, programme_id, home_id=programme_id, user_id=admin.id, role="admin"
            )
    return programme_id, admin


def make_staff(programme_id: uuid.UUID, admin: User, role: str) -> User:
    """A member of staff who is in their places already."""
    user = make_user(is_staff=True)
    with transaction.atomic(), collecting():
        set_actor(admin.id)
        for scope_id in (programme_id, scopes.scope_id(f"staff:{programme_id}")):
            scopes.grant(scope_id, user.id, role)
    return user


PATIENT: dict[str, Any] = {
    "given_name": "Ana",
    "family_name": "Reyes",
    "date_of_birth": date(1990, 4, 1),
    "today": NOW.date(),
    "email": "ana@example.org",
    "locale": "es",
}


def invite_patient(
    staff: User, programme_id: uuid.UUID, *, now: datetime = NOW, **facts: Any
) -> Invited:
    """What an action of staff who admit does; the code is handed over unless said otherwise."""
    given = {"by_email": False, **PATIENT, **facts}
    with transaction.atomic(), collecting() as collection:
        set_actor(staff.id)
        call = Call(actor=staff, now=now)
        invited = create_invited_patient(call, programme_id=programme_id, **given)
        flush(collection, author_id=staff.id, now=now, origin=[])
    return invited
