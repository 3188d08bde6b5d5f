"""Who may do what in care."""

from __future__ import annotations

import uuid
from typing import Any

from recovery.actions import Call, rule
from recovery.feed import scopes
from recovery.people.actions.handover import Unstaffed
from recovery.people.roles import Duty, has_duty, roles_with
from recovery.people.rules import staff_scope

CARING = roles_with(Duty.CARES)


def staff_role(programme_id: uuid.UUID, user_id: uuid.UUID) -> str | None:
    """The user's role among the staff of the programme, or None."""
    return scopes.role_of(staff_scope(programme_id), user_id)


@rule
def admits_patients(call: Call, data: dict[str, Any]) -> bool:
    """Staff of the programme who admit patients (`admits`)."""
    return has_duty(staff_scope(data["programme"].id), call.actor.id, Duty.ADMITS)


@rule
def administers_programme(call: Call, data: dict[str, Any]) -> bool:
    """Staff who manage the programme (`manages`)."""
    return has_duty(staff_scope(data["programme"].id), call.actor.id, Duty.MANAGES)


@rule
def is_on_care_team(call: Call, data: dict[str, Any]) -> bool:
    """The care team of the record (`cares`)."""
    return has_duty(data["record"].scope_id, call.actor.id, Duty.CARES)


@rule
def decides_on_care(call: Call, data: dict[str, Any]) -> bool:
    """Members of the care team who decide on care (`decides`)."""
    return has_duty(data["record"].scope_id, call.actor.id, Duty.DECIDES)


@rule
def decides_on_both(call: Call, data: dict[str, Any]) -> bool:
    """Members of both care teams who decide on care (`decides`)."""
    both = (data["record"].scope_id, data["other"].scope_id)
    return all(has_duty(scope_id, call.actor.id, Duty.DECIDES) for scope_id in both)


@rule
def admitted_them(call: Call, data: dict[str, Any]) -> bool:
    """Members of the care team who admit patients (`admits`)."""
    return has_duty(data["record"].scope_id, call.actor.id, Duty.ADMITS)


@rule
def answers_corrections(call: Call, data: dict[str, Any]) -> bool:
    """The care team of the record (`cares`)."""
    return has_duty(data["request"].scope_id, call.actor.id, Duty.CARES)


@rule
def is_own_record(call: Call, data: dict[str, Any]) -> bool:
    """The person whose record it is."""
    return bool(data["record"].user_id == call.actor.id)


@rule
def keeps_timetable(call: Call, data: dict[str, Any]) -> bool:
    """Staff in the scope that has the sessions (`keeps_timetable`): the care team, or the
    facilitators of the group."""
    scope_id = data["series"].scope_id if "series" in data else data["scope"].id
    return has_duty(scope_id, call.actor.id, Duty.KEEPS_TIMETABLE)


def may_fill(name: str) -> rule:
    @rule
    def fills_unstaffed(call: Call, data: dict[str, Any]) -> bool:
        """An administrator of the programme (`manages`), if nobody on the staff is in it."""
        # The input has checked both.
        return isinstance(data[name], Unstaffed)

    return fills_unstaffed
