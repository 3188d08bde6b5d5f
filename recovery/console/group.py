"""What the pages about a group share: which groups they are, who is in one, and its sessions.

Names in a group are those of the member cards. People who left have none.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext

from recovery.care.models import Appointment
from recovery.console.desk import Desk
from recovery.conversations.models import MemberCard
from recovery.groups.models import PeerGroup
from recovery.groups.queries import facilitated_by
from recovery.people.roles import MEMBER

Cards = dict[uuid.UUID, MemberCard]


def led(desk: Desk) -> Any:
    """The groups that the person leads."""
    return desk.rows(PeerGroup).filter(scope_id__any=facilitated_by(desk.user))


def opened(desk: Desk, group: uuid.UUID) -> PeerGroup:
    """One of them. Http404 for everybody else."""
    row: PeerGroup = desk.read_one(led(desk).filter(id=group).select_related("programme"))
    return row


def all_led(desk: Desk) -> list[dict[str, Any]]:
    """Those of the programme that is shown, the next meeting first: `group`, how many `members`
    are in it and when it meets `next`."""
    programme = desk.programme.id if desk.programme else None
    groups = desk.read(led(desk).filter(programme_id=programme))
    ids = [group.id for group in groups]
    cards = desk.rows(MemberCard).filter(scope_id__in=ids, left_at=None, role=MEMBER)
    members = dict(cards.values_list("scope_id").annotate(Count("id")))
    sessions = desk.rows(Appointment).filter(
        scope_id__in=ids, status="booked", ends_at__gt=desk.now
    )
    first = sessions.order_by("scope_id", "starts_at", "id").distinct("scope_id")
    meetings = {session.scope_id: session for session in desk.read(first)}
    rows = [
        {"group": group, "members": members.get(group.id, 0), "next": meetings.get(group.id)}
        for group in groups
    ]

    def order(row: dict[str, Any]) -> tuple[bool, Any, str]:
        session = row["next"]
        return session is None, session and session.starts_at, row["group"].name

    return sorted(rows, key=order)


def cards_of(desk: Desk, group: PeerGroup) -> Cards:
    """Everybody who is or was in the group, by the id of their card and in the order of names."""
    rows = desk.rows(MemberCard).filter(scope_id=group.id).order_by("alias", "id")
    return {card.id: card for card in desk.read(rows)}


def name_in(cards: Cards, card_id: uuid.UUID) -> str:
    """The name that the group knows."""
    card = cards.get(card_id)
    return card.alias if card and card.left_at is None else gettext("Someone who left")


def my_card(desk: Desk, group: PeerGroup) -> uuid.UUID:
    return MemberCard.id_of(group.id, desk.user.id)
