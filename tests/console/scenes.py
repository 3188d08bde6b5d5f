"""What tests of several pages need: who is at work, what was read, what a page costs."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from recovery.actions.models import AuditEvent
from recovery.care.models import Programme
from recovery.feed.context import set_actor
from recovery.people.models import StaffMember
from recovery.signin.models import User
from tests.architecture.statements import counted
from tests.cast import ConsoleBrowser
from tests.roles import set_scene


def at_work(user: User, programme: Programme, role: str = "counsellor") -> ConsoleBrowser:
    """A browser of someone whom the programme shows as one of its staff."""
    with transaction.atomic(), set_scene():
        StaffMember.objects.create(
            scope_id=programme.id, user_id=user.id, role=role, given_name="Dana", family_name="Roe"
        )
    return ConsoleBrowser(user)


def reads_in(scope_id: uuid.UUID, member: User) -> list[tuple[Any, str]]:
    """Who has read something in a scope, and on which page. `member` sees the scope."""
    with transaction.atomic():
        set_actor(member.id)
        events = AuditEvent.objects.in_scope(scope_id).filter(outcome="read").order_by("at", "id")
        return list(events.values_list("actor_id", "action"))


def cost(browser: ConsoleBrowser, path: str) -> int:
    """How many statements a page takes."""
    with counted() as statements:
        browser.reads(path)
    return len(statements)
