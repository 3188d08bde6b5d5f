"""The messages of a group that one leads: all of them, and one's own to change or take back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext

from recovery.console.desk import Desk
from recovery.console.group import Cards, cards_of, my_card, name_in, opened
from recovery.console.page import moved, page
from recovery.conversations import queries
from recovery.conversations.models import Message
from recovery.conversations.rules import TEXT_LENGTH

PAGE = 30


@dataclass(frozen=True)
class Shown:
    """`answers`: the name and the words of the message that it answers."""

    row: Message
    name: str
    is_mine: bool
    is_new: bool
    answers: tuple[str, str] | None

    @property
    def pictures(self) -> int:
        return sum(each["kind"] == "image" for each in self.row.attachments)

    @property
    def recordings(self) -> int:
        return len(self.row.attachments) - self.pictures


@page("console/group_messages.html")
def messages(desk: Desk, group: uuid.UUID) -> dict[str, Any]:
    row = opened(desk, group)
    cards = cards_of(desk, row)
    written = desk.rows(Message).filter(scope_id=row.id).select_related("reply_to")
    before = written.filter(id=_uuid(desk.request.GET.get("before", ""))).first()
    if before is not None:
        is_older = Q(received_at=before.received_at, id__lt=before.id)
        written = written.filter(Q(received_at__lt=before.received_at) | is_older)
    some = desk.read(written.order_by("-received_at", "-id")[: PAGE + 1])
    rows = some[:PAGE]
    new = set(queries.unread(desk.user.id, [row.id]).values_list("id", flat=True))
    mine = my_card(desk, row)
    return {
        "group": row,
        "here": "messages",
        "messages": [_shown(each, cards, mine, new) for each in rows],
        "unread": len(new),
        "up_to": max(queries.seqs(rows).values(), default=0),
        "older": rows[-1].id if len(some) > PAGE else None,
        "is_older": before is not None,
        "length": TEXT_LENGTH,
        "reach": len([card for card in cards.values() if card.left_at is None]) - 1,
        "lists": f"group:{row.id}",
    }


def _shown(row: Message, cards: Cards, mine: uuid.UUID, new: set[uuid.UUID]) -> Shown:
    answered = row.reply_to
    answers = (name_in(cards, answered.author_id), answered.text) if answered else None
    return Shown(row, name_in(cards, row.author_id), row.author_id == mine, row.id in new, answers)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@messages.act
def post(desk: Desk, group: uuid.UUID) -> str:
    desk.act("groups.post_message", {"group": group, "text": desk.request.POST.get("text", "")})
    return gettext("Sent to the group.")


@messages.act
def mark_read(desk: Desk, group: uuid.UUID) -> str:
    desk.act("groups.mark_read", {"group": group, "seq": desk.request.POST.get("seq", "")})
    return gettext("Marked as read. Only you see that.")


@page("console/group_message.html")
def message(desk: Desk, group: uuid.UUID, message: uuid.UUID) -> dict[str, Any]:
    """One's own message. It is not drawn again by itself, so that a change is made to what was
    seen."""
    row = opened(desk, group)
    rows = desk.rows(Message).filter(scope_id=row.id, id=message, author_id=my_card(desk, row))
    mine = desk.read_one(rows)
    return {
        "group": row,
        "here": "messages",
        "message": mine,
        "seen": queries.seqs([mine]).get(mine.id, 0),
        "length": TEXT_LENGTH,
    }


@message.act
def edit(desk: Desk, group: uuid.UUID, message: uuid.UUID) -> HttpResponse:
    form = desk.request.POST
    seen = form.get("seen", "")
    base = {f"message/{message}": int(seen)} if seen.isascii() and seen.isdecimal() else {}
    data = {"message": message, "text": form.get("text", "")}
    desk.act("groups.edit_message", data, base=base)
    return moved(desk, f"/groups/{group}/messages")


@message.act
def withdraw(desk: Desk, group: uuid.UUID, message: uuid.UUID) -> HttpResponse:
    desk.act("groups.withdraw_message", {"message": message})
    return moved(desk, f"/groups/{group}/messages")
