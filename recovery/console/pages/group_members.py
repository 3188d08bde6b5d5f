"""Who is in a group and who leads it; invitations."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext

from recovery.care.models import CareRecord
from recovery.care.queries import BY_NAME, cared_for_by
from recovery.console.desk import Desk
from recovery.console.group import Cards, cards_of, opened
from recovery.console.names import name_of
from recovery.console.page import moved, page
from recovery.groups.models import PeerGroup
from recovery.groups.rules import LEADERS
from recovery.people.models import StaffMember
from recovery.people.roles import MEMBER, ROLE_NAMES


@page("console/group_members.html")
def members(desk: Desk, group: uuid.UUID) -> dict[str, Any]:
    row = opened(desk, group)
    cards = cards_of(desk, row)
    here = [card for card in cards.values() if card.left_at is None]
    in_group = [card for card in here if card.role == MEMBER]
    staff = _staff(desk, row)
    leaders = [card for card in here if card.role != MEMBER]
    led_by = {card.user_id for card in leaders}
    others = [each for each in staff.values() if each.left_at is None and each.role in LEADERS]
    colleagues = [each for each in others if each.user_id != desk.user.id]
    care = cared_for_by(desk.user).filter(
        user_id__in=[card.user_id for card in in_group], programme_id=row.programme_id
    )
    records = dict(care.values_list("user_id", "id"))
    left = [card for card in cards.values() if card.left_at and card.role == MEMBER]
    return {
        "group": row,
        "here": "members",
        "members": [{"card": card, "record": records.get(card.user_id)} for card in in_group],
        "free": row.size_max - len(in_group),
        "leaders": [_leader(desk, card, staff) for card in leaders],
        "former": sorted(left, key=lambda card: card.left_at or desk.now, reverse=True),
        "choices": _named(each for each in colleagues if each.user_id not in led_by),
        "successors": _named(colleagues),
        "is_alone": len(leaders) == 1,
        "lists": f"group:{row.id}",
    }


def _staff(desk: Desk, group: PeerGroup) -> dict[uuid.UUID, StaffMember]:
    """Everybody who is or was on the staff, by their account."""
    rows = desk.rows(StaffMember).filter(scope_id=group.programme_id)
    named = rows.order_by("family_name", "given_name", "name_text", "id")
    return {each.user_id: each for each in desk.read(named)}


def _leader(desk: Desk, card: Any, staff: dict[uuid.UUID, StaffMember]) -> dict[str, Any]:
    member = staff.get(card.user_id)
    return {
        "card": card,
        "name": member.full_name if member else "",
        "role": ROLE_NAMES[member.role] if member else "",
        "is_me": card.user_id == desk.user.id,
    }


def _named(staff: Any) -> list[tuple[Any, str]]:
    named = [(each.user_id, f"{each.full_name}, {ROLE_NAMES[each.role]}") for each in staff]
    return [("", gettext("Choose")), *named] if named else []


@members.act
def remove(desk: Desk, group: uuid.UUID) -> str:
    form = desk.request.POST
    desk.act("groups.remove_member", {"card": form.get("card", "")})
    return gettext("%(name)s is not in the group anymore.") % {"name": form.get("name", "")}


@members.act
def add_facilitator(desk: Desk, group: uuid.UUID) -> str:
    form = desk.request.POST
    data = {name: form.get(name, "") for name in ("colleague", "alias")}
    desk.act("groups.add_facilitator", {"group": group} | data)
    return gettext("%(name)s leads the group, too.") % {"name": data["alias"]}


@members.act
def step_back(desk: Desk, group: uuid.UUID) -> HttpResponse:
    successor = desk.request.POST.get("successor") or None
    desk.act("groups.step_back", {"group": group, "successor": successor})
    return moved(desk, "/groups")


@page("console/group_invite.html")
def invite(desk: Desk, group: uuid.UUID) -> dict[str, Any]:
    row = opened(desk, group)
    people = _not_in(desk, row, cards_of(desk, row))
    return {
        "group": row,
        "here": "members",
        "people": people
        and [("", gettext("Choose")), *((each.id, name_of(each)) for each in people)],
    }


def _not_in(desk: Desk, group: PeerGroup, cards: Cards) -> list[CareRecord]:
    """The people in the reader's care who are not in the group. All of them are shown."""
    here = [card.user_id for card in cards.values() if card.left_at is None]
    rows = cared_for_by(desk.user).filter(programme_id=group.programme_id)
    return desk.read(rows.exclude(user_id__in=here).order_by(*BY_NAME))


@invite.act
def ask(desk: Desk, group: uuid.UUID) -> str:
    desk.act("groups.invite_member", _invited(desk, group) | {"id": uuid.uuid5(desk.key, "invite")})
    return gettext("The invitation is on their phone. They choose freely, under a name of theirs.")


@invite.act
def take_back(desk: Desk, group: uuid.UUID) -> str:
    desk.act("groups.withdraw_invitation", _invited(desk, group))
    return gettext("The invitation is taken back.")


def _invited(desk: Desk, group: uuid.UUID) -> dict[str, Any]:
    return {"group": group, "record": desk.request.POST.get("record", "")}
