"""What nobody on the staff is in, and putting a colleague in."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from django.utils.translation import gettext
from uuid_utils.compat import uuid7

from recovery.care.models import Programme
from recovery.console import people_menu
from recovery.console.desk import Desk
from recovery.console.page import page
from recovery.people import queries
from recovery.people.models import StaffMember
from recovery.people.roles import ROLE_NAMES, Duty, roles_with

MOST = 100  # of each kind; the list gets shorter as places are filled


@page("console/unattended.html")
def unattended(desk: Desk) -> dict[str, Any]:
    programme = people_menu.programme_for(desk, Duty.MANAGES)
    shown, is_full = places(desk, programme, MOST)
    current = [e for e in people_menu.staff_of(desk, programme) if e.left_at is None]
    for place in shown:
        place["colleagues"] = [("", gettext("Choose")), *_able(current, place["needs"])]
    return {"tabs": people_menu.tabs(desk), "places": shown, "is_full": is_full}


def places(desk: Desk, programme: Programme, most: int) -> tuple[list[dict[str, Any]], bool]:
    """What nobody is in: `id`, `name`, `needs` by kind, `is_group`, `since`, the longest first; and
    whether there may be more than `most` of a kind. For administrators only."""
    # The functions behind it write what is shown into the audit.
    reading = queries.Reading(programme.id, desk.user.session_id, uuid7(), desk.now, most)
    rows = queries.unattended(reading)
    by_id: dict[uuid.UUID, dict[str, Any]] = {}
    for row in rows:
        place = by_id.setdefault(row.id, {"id": row.id, "name": row.name, "needs": {}})
        place["needs"][row.kind] = row
    for place in by_id.values():
        place["is_group"] = "group" in place["needs"]
        place["since"] = min((r.since for r in place["needs"].values() if r.since), default=None)
    longest = sorted(by_id.values(), key=lambda each: (each["since"] is None, each["since"]))
    kinds = Counter(row.kind for row in rows)
    return longest, most in kinds.values()


def _able(staff: list[StaffMember], needs: dict[str, queries.Unattended]) -> list[tuple[Any, str]]:
    """The colleagues whose role allows what is needed there."""
    if "group" in needs:
        duty = Duty.LEADS_GROUPS
    else:
        duty = Duty.TREATS if "reviews" in needs else Duty.CARES
    able = [each for each in staff if each.role in roles_with(duty)]
    return [(each.user_id, f"{each.full_name}, {ROLE_NAMES[each.role]}") for each in able]


@unattended.act
def put_in_team(desk: Desk) -> str:
    form = desk.request.POST
    data = {"record": form.get("record"), "user": form.get("user")}
    desk.act("care.assign_team_member", data)
    return gettext("%(name)s is looked after again.") % {"name": form.get("name", "")}


@unattended.act
def put_in_group(desk: Desk) -> str:
    form = desk.request.POST
    data = {"group": form.get("group"), "colleague": form.get("user"), "alias": form.get("alias")}
    desk.act("groups.add_facilitator", data)
    return gettext("%(name)s has a leader again.") % {"name": form.get("name", "")}
