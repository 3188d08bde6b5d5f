"""Who may lead, join and leave a group."""

from __future__ import annotations

from typing import Any

from recovery.actions import Call, rule
from recovery.feed import scopes

LEADERS = frozenset({"counsellor", "clinician", "case_manager", "alumni_coordinator", "admin"})


@rule
def leads_groups(call: Call, data: dict[str, Any]) -> bool:
    """Staff of the programme who may open groups."""
    staff = scopes.scope_id(f"staff:{data['programme'].id}")
    return scopes.role_of(staff, call.actor.id) in LEADERS


def facilitates(name: str) -> rule:
    """The actor leads the group that `data[name]` lives in."""

    @rule
    def is_facilitator(call: Call, data: dict[str, Any]) -> bool:
        return scopes.role_of(data[name].scope_id, call.actor.id) == "facilitator"

    return is_facilitator


def takes_part(name: str) -> rule:
    """The row was found through the actor's own memberships: whoever sees the group is in it."""

    @rule
    def is_inside(call: Call, data: dict[str, Any]) -> bool:
        return name in data

    return is_inside


@rule
def is_member(call: Call, data: dict[str, Any]) -> bool:
    """The actor is in the group as one of its members, not as its staff."""
    return scopes.role_of(data["group"].scope_id, call.actor.id) == "member"


@rule
def is_own_invitation(call: Call, data: dict[str, Any]) -> bool:
    """The invitation was sent to the person who acts."""
    return data["invitation"].scope_id == call.actor.id


def tells_family_name(alias: str, family_name: str) -> bool:
    """Whether an alias gives away the legal family name, or a part of it."""
    return bool(_words(alias) & _words(family_name))


def _words(text: str) -> set[str]:
    return set(text.casefold().replace("-", " ").split())
