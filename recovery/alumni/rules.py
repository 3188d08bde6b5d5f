"""Who may connect, who may write to all alumni, and when alumni are not disturbed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from recovery.actions import Call, rule
from recovery.care.rules.reminders import Wishes, quiet_around
from recovery.feed import scopes
from recovery.people import roles
from recovery.people.roles import Duty, has_duty
from recovery.people.rules import staff_scope

WEEK = timedelta(days=7)
FEW = 5


@rule
def is_a_peer(call: Call, data: dict[str, Any]) -> bool:
    """Members of the group that the card is in, not its facilitators."""
    return scopes.role_of(data["card"].scope_id, call.actor.id) == roles.MEMBER


@rule
def is_own_connection(call: Call, data: dict[str, Any]) -> bool:
    """The person whose side of the connection it is."""
    return bool(data["connection"].scope_id == call.actor.id)


@rule
def is_own_block(call: Call, data: dict[str, Any]) -> bool:
    """The person who blocked."""
    return bool(data["block"].scope_id == call.actor.id)


@rule
def is_in_pair(call: Call, data: dict[str, Any]) -> bool:
    """The two people of the pair."""
    # The pair was loaded through the actor's memberships: only these two can see it.
    return "pair" in data


@rule
def coordinates_alumni(call: Call, data: dict[str, Any]) -> bool:
    """Staff of the programme who write to its alumni (`coordinates`)."""
    programme = data["campaign"].programme_id if "campaign" in data else data["programme"].id
    return has_duty(staff_scope(programme), call.actor.id, Duty.COORDINATES)


def may_disturb_at(now: datetime, wishes: Wishes) -> datetime:
    """`now`, or the end (UTC) of the quiet hours that `now` is in."""
    night = quiet_around(now, wishes)
    return night[1] if night else now


def is_few(people: int) -> bool:
    """Whether someone could be guessed from the number, so that it is hidden."""
    return 0 < people < FEW
