"""The alumni board: circles and announcements at a glance. Signals only, nothing of care."""

from __future__ import annotations

from typing import Any

from recovery.console.desk import Desk
from recovery.console.group import all_led
from recovery.console.page import page
from recovery.console.pages.announcements import Shown, all_of, audience
from recovery.people.roles import Duty


@page("console/alumni.html")
def board(desk: Desk) -> dict[str, Any]:
    campaigns = all_of(desk)
    open_ones = campaigns.filter(state__in=("sending", "draft")).order_by("-state", "drafted_at")
    over = campaigns.filter(state__in=("sent", "stopped")).exclude(announced_at=None)
    lists = [f"staff:{desk.programme.id}"] if desk.programme else []
    circles = all_led(desk)
    may_write = desk.has(Duty.COORDINATES)
    return {
        "circles": circles,
        "open": [Shown(each) for each in desk.read(open_ones)],
        "last": [Shown(each) for each in desk.read(over.order_by("-announced_at")[:1])],
        "may_write": may_write,
        "audience": audience(desk.programme) if may_write and desk.programme else None,
        "lists": " ".join(lists + [f"group:{each['group'].id}" for each in circles]),
    }
