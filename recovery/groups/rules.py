"""Who may lead, join and leave a group."""

from __future__ import annotations

from typing import Any

from recovery.actions import Call, rule
from recovery.feed import scopes
from recovery.people import roles
from recovery.people.roles import Duty, has_duty
from recovery.people.rules import staff_scope

LEADERS = roles.roles_with(Duty.LEADS_GROUPS)


@rule
def leads_groups(call: Call, data: dict[str, Any]) -> bool:
    """Staff of the programme who lead groups (`leads_groups`)."""
    return has_duty(staff_scope(data["programme"].id), call.actor.id, Duty.LEADS_GROUPS)


def facilitates(name: str) -> rule:
    @rule
    def is_facilitator(call: Call, data: dict[str, Any]) -> bool:
        """Facilitators of the group (`moderates`)."""
        return has_duty(data[name].scope_id, call.actor.id, Duty.MODERATES)

    return is_facilitator


def takes_part(name: str) -> rule:
    @rule
    def is_inside(call: Call, data: dict[str, Any]) -> bool:
        """Everyone in the group, members and facilitators."""
        # The row was loaded through the actor's memberships: those who see it are in the group.
        return name in data

    return is_inside


@rule
def is_member(call: Call, data: dict[str, Any]) -> bool:
    """Members of the group, not its facilitators."""
    return scopes.role_of(data["group"].scope_id, call.actor.id) == roles.MEMBER


@rule
def is_own_invitation(call: Call, data: dict[str, Any]) -> bool:
    """The person who was invited."""
    return data["invitation"].scope_id == call.actor.id
