"""Who may do what in care."""

from __future__ import annotations

import uuid
from typing import Any

from recovery.actions import Call, rule
from recovery.feed import scopes

ADMITTING = ("counsellor", "clinician", "case_manager", "admin")
CARING = ("counsellor", "clinician", "case_manager", "alumni_coordinator", "admin")
DECIDING = ("counsellor", "clinician", "admin")
LEADING_GROUPS = ("facilitator",)


def staff_role(programme_id: uuid.UUID, user_id: uuid.UUID) -> str | None:
    """The role of this person among the staff of the programme, or None."""
    return scopes.role_of(scopes.scope_id(f"staff:{programme_id}"), user_id)


@rule
def admits_patients(call: Call, data: dict[str, Any]) -> bool:
    """Staff of the programme who take people in."""
    return staff_role(data["programme"].id, call.actor.id) in ADMITTING


@rule
def administers_programme(call: Call, data: dict[str, Any]) -> bool:
    """The programme's administrators."""
    return staff_role(data["programme"].id, call.actor.id) == "admin"


@rule
def is_on_care_team(call: Call, data: dict[str, Any]) -> bool:
    """Staff who care for the person whose record it is."""
    return scopes.role_of(data["record"].scope_id, call.actor.id) in CARING


@rule
def decides_on_care(call: Call, data: dict[str, Any]) -> bool:
    """Those of the care team who may change the level of care."""
    return scopes.role_of(data["record"].scope_id, call.actor.id) in DECIDING


@rule
def is_own_record(call: Call, data: dict[str, Any]) -> bool:
    """The person whose record it is."""
    return bool(data["record"].user_id == call.actor.id)


@rule
def keeps_timetable(call: Call, data: dict[str, Any]) -> bool:
    """Staff in the scope whose sessions they are: its care team, or who leads the group."""
    scope_id = data["series"].scope_id if "series" in data else data["scope"].id
    return scopes.role_of(scope_id, call.actor.id) in (*CARING, *LEADING_GROUPS)
