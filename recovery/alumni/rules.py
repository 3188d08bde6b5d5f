"""Who may connect, who may speak to all alumni, and when nobody is disturbed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from recovery.actions import Call, rule
from recovery.care.rules.access import staff_role
from recovery.care.rules.reminders import Wishes, quiet_around
from recovery.feed import scopes

COORDINATING = frozenset({"alumni_coordinator", "admin"})
WEEK = timedelta(days=7)


@rule
def is_a_peer(call: Call, data: dict[str, Any]) -> bool:
    """The actor shares a group with whoever the card shows, as a member and not as staff."""
    return scopes.role_of(data["card"].scope_id, call.actor.id) == "member"


@rule
def is_own_connection(call: Call, data: dict[str, Any]) -> bool:
    """The actor's own side of the connection."""
    return bool(data["connection"].scope_id == call.actor.id)


@rule
def is_own_block(call: Call, data: dict[str, Any]) -> bool:
    """The actor's own wish."""
    return bool(data["block"].scope_id == call.actor.id)


@rule
def is_in_pair(call: Call, data: dict[str, Any]) -> bool:
    """The actor is one of the two: nobody else could have found it."""
    return "pair" in data


@rule
def coordinates_alumni(call: Call, data: dict[str, Any]) -> bool:
    """Staff of the programme who may speak to all its alumni."""
    programme = data["campaign"].programme_id if "campaign" in data else data["programme"].id
    return staff_role(programme, call.actor.id) in COORDINATING


def may_disturb_at(now: datetime, wishes: Wishes) -> datetime:
    """`now`, or the end (UTC) of the quiet hours that it falls into."""
    night = quiet_around(now, wishes)
    return night[1] if night else now
