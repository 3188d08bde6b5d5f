"""Who is old enough, who invites whom, and who runs a programme."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from recovery.actions import Call, rule
from recovery.feed import scopes

ADULT = 18
STAFF_ROLES = ("counsellor", "clinician", "case_manager", "alumni_coordinator", "admin")
INVITING = ("counsellor", "clinician", "case_manager", "admin")


def staff_scope(programme_id: uuid.UUID) -> uuid.UUID:
    return scopes.scope_id(f"staff:{programme_id}")


@rule
def administers(call: Call, data: dict[str, Any]) -> bool:
    """An administrator of the programme that the input names."""
    return scopes.role_of(staff_scope(data["programme"]), call.actor.id) == "admin"


@rule
def may_invite_again(call: Call, data: dict[str, Any]) -> bool:
    """Staff who take people in; staff themselves are invited by administrators only."""
    role = scopes.role_of(data["invitation"].scope_id, call.actor.id)
    return role == "admin" if data["invitation"].for_staff else role in INVITING


def age_on(day: date, born: date) -> int:
    """Whole years. Somebody born on 29 February is a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
