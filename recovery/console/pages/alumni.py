"""The alumni board: circles and announcements at a glance. Signals only, nothing of care."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from recovery.care.models import Appointment
from recovery.console.desk import Desk
from recovery.console.page import page
from recovery.console.pages.announcements import Shown, all_of, audience
from recovery.conversations.models import MemberCard
from recovery.groups.models import PeerGroup
from recovery.groups.queries import facilitated_by
from recovery.people.roles import MEMBER, Duty


@page("console/alumni.html")
def board(desk: Desk) -> dict[str, Any]:
    campaigns = all_of(desk)
    open_ones = campaigns.filter(state__in=("sending", "draft")).order_by("-state", "drafted_at")
    over = campaigns.filter(state__in=("sent", "stopped")).exclude(announced_at=None)
    lists = [f"staff:{desk.programme.id}"] if desk.programme else []
    circles = circles_of(desk)
    may_write = desk.has(Duty.COORDINATES)
    return {
        "circles": circles,
        "open": [Shown(each) for each in desk.read(open_ones)],
        "last": [Shown(each) for each in desk.read(over.order_by("-announced_at")[:1])],
        "may_write": may_write,
        "audience": audience(desk.programme) if may_write and desk.programme else None,
        "lists": " ".join(lists + [f"group:{each['group'].id}" for each in circles]),
    }


def circles_of(desk: Desk) -> list[dict[str, Any]]:
    """The groups of the programme that the person leads, the next meeting first: how many are in
    each and when it meets."""
    programme = desk.programme.id if desk.programme else None
    mine = desk.rows(PeerGroup).filter(scope_id__any=facilitated_by(desk.user))
    groups = desk.read(mine.filter(programme_id=programme))
    ids = [group.id for group in groups]
    cards = desk.rows(MemberCard).filter(scope_id__in=ids, left_at=None, role=MEMBER)
    members = dict(cards.values_list("scope_id").annotate(Count("id")))
    sessions = desk.rows(Appointment).filter(
        scope_id__in=ids, status="booked", ends_at__gt=desk.now
    )
    first = sessions.order_by("scope_id", "starts_at", "id").distinct("scope_id")
    meetings = {session.scope_id: session for session in desk.read(first)}
    circles = [
        {"group": group, "members": members.get(group.id, 0), "next": meetings.get(group.id)}
        for group in groups
    ]

    def order(circle: dict[str, Any]) -> tuple[bool, Any, str]:
        session = circle["next"]
        return session is None, session and session.starts_at, circle["group"].name

    return sorted(circles, key=order)
