"""The groups that a person leads, and opening one."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from uuid_utils.compat import uuid7

from recovery.console import people_menu
from recovery.console.desk import Desk
from recovery.console.group import all_led
from recovery.console.page import moved, page
from recovery.conversations.models import Message
from recovery.conversations.queries import unread
from recovery.groups.models import Round
from recovery.people.roles import Duty


@page("console/groups.html")
def groups(desk: Desk) -> dict[str, Any]:
    rows = all_led(desk)
    ids = [row["group"].id for row in rows]
    opened = desk.rows(Round).filter(scope_id__in=ids, closed_at=None)
    rounds = {each.scope_id: each for each in desk.read(opened)}
    written = desk.rows(Message).filter(scope_id__in=ids, withdrawn_at=None)
    last = written.order_by("scope_id", "-received_at", "-id").distinct("scope_id")
    words = {each.scope_id: each for each in desk.read(last)}
    new = dict(unread(desk.user.id, ids).values_list("scope_id").annotate(Count("id")))
    return {
        "groups": [
            row
            | {
                "round": rounds.get(row["group"].id),
                "last": words.get(row["group"].id),
                "unread": new.get(row["group"].id, 0),
            }
            for row in rows
        ],
        "may_open": desk.has(Duty.LEADS_GROUPS),
        "lists": "group",
    }


@page("console/new_group.html")
def new_group(desk: Desk) -> dict[str, Any]:
    programme = people_menu.programme_for(desk, Duty.LEADS_GROUPS)
    rules = programme.settings["house_rules"]
    return {
        "programme": programme,
        "id": uuid7(),
        "places": int(programme.settings["group"]["size"]["max"]),
        "rules": [rule["text"].get(desk.user.locale) or rule["text"]["en"] for rule in rules],
        "alias": desk.place.given_name if desk.place else "",
    }


@new_group.act
def create(desk: Desk) -> HttpResponse:
    form = desk.request.POST
    data = {name: form.get(name, "") for name in ("id", "programme", "name", "alias")}
    made = desk.act("groups.create", data)
    return moved(desk, f"/groups/{uuid.UUID((made.data or {})['group'])}/members")
