"""Who may record and who may assign, review and sign."""

from __future__ import annotations

from typing import Any

from recovery.actions import Call, rule
from recovery.feed.scopes import role_of

CARE_TEAM = frozenset({"counsellor", "clinician"})


def treats(name: str) -> rule:
    """The actor is a counsellor or clinician of the care record that `data[name]` lives in."""

    @rule
    def is_on_care_team(call: Call, data: dict[str, Any]) -> bool:
        return role_of(data[name].scope_id, call.actor.id) in CARE_TEAM

    return is_on_care_team
