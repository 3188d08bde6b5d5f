"""Northlight with its staff, each known by name, and Ana in the care of Dana."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recovery.actions.models import AuditEvent
from recovery.people.models import Invitation
from recovery.signin.models import User
from tests.cast import NORTHLIGHT, ConsoleBrowser, admit, employ, hire, load_programme
from tests.roles import as_role, set_scene


@dataclass
class House:
    """Fay administers, Dana is Ana's counselor, Eli a clinician of the same programme."""

    fay: User
    dana: User
    eli: User
    ana: User
    record: uuid.UUID

    def desk(self, who: str, **session: Any) -> ConsoleBrowser:
        return ConsoleBrowser(getattr(self, who), **session)

    def old_desk(self, name: str) -> ConsoleBrowser:
        """Signed in six minutes ago, by someone with an address to confirm with."""
        user = getattr(self, name)
        user.email = f"{name}@example.org"
        with transaction.atomic(), set_scene():
            user.save(update_fields=["email"])
        return ConsoleBrowser(user, now=timezone.now() - timedelta(minutes=6))


def make_house() -> House:
    load_programme()
    founder = employ(role="admin")
    fay = hire(founder, NORTHLIGHT, "admin", ("Fay", "Stone"))
    dana = hire(fay, NORTHLIGHT, "counsellor", ("Dana", "Whitfield"))
    eli = hire(fay, NORTHLIGHT, "clinician", ("Eli", "Moss"))
    ana, record = admit(dana)
    return House(fay, dana, eli, ana, record)


def reads(about: uuid.UUID | None = None) -> int:
    """How many read events there are, of one scope or of all."""
    with as_role("jobs"):
        rows = AuditEvent.objects.filter(outcome="read")
        return rows.filter(scope_id=about).count() if about else rows.count()


def codes(user: uuid.UUID) -> list[Invitation]:
    """The codes for this account, newest first."""
    with as_role("jobs"):
        return list(Invitation.objects.filter(user_id=user).order_by("-created_at", "-id"))


def queries_of(browser: ConsoleBrowser, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        browser.reads(path)
    return len(captured)
