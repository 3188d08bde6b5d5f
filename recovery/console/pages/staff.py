"""The staff of the programme; one of them, with what an administrator can change; a new one."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, QueryDict
from django.utils.translation import gettext, ngettext

from recovery.console import people_menu
from recovery.console.desk import Desk
from recovery.console.new_code import new_code
from recovery.console.page import page
from recovery.console.pages.invite import name_in
from recovery.people.models import Invitation, StaffMember
from recovery.people.roles import ROLE_NAMES, Duty
from recovery.people.rules import NAME_PARTS, staff_scope

SUCCESSOR = "successor-"  # a field of the form, followed by the id of a record or group


@page("console/staff.html")
def staff(desk: Desk) -> dict[str, Any]:
    programme = people_menu.programme_for(desk)
    manages = desk.has(Duty.MANAGES)
    people = people_menu.staff_of(desk, programme)
    since = _since(desk, programme.id) if manages else {}
    rows: list[dict[str, Any]] = [
        {
            "member": each,
            "role": ROLE_NAMES[each.role],
            "since": since.get(each.user_id),
            "may_open": manages or each.user_id == desk.user.id,
        }
        for each in people
    ]
    return {
        "tabs": people_menu.tabs(desk),
        "lists": f"program:{programme.id}",
        "current": [row for row in rows if row["member"].left_at is None],
        "former": [row for row in rows if row["member"].left_at],
        "manages": manages,
    }


def _since(desk: Desk, programme_id: uuid.UUID) -> dict[uuid.UUID, Any]:
    """When each of the staff first came in with a code; None if they have not yet."""
    first: dict[uuid.UUID, Any] = {}
    for row in _codes(desk, programme_id):
        first[row.user_id] = first.get(row.user_id) or row.used_at
    return first


def _codes(desk: Desk, programme_id: uuid.UUID, **which: Any) -> list[Invitation]:
    """The codes of the staff, oldest first."""
    rows = desk.rows(Invitation).filter(scope_id=staff_scope(programme_id), for_staff=True, **which)
    return desk.read(rows.order_by("created_at", "id"))


@page("console/staff_member.html")
def staff_member(desk: Desk, user: uuid.UUID) -> dict[str, Any]:
    programme = people_menu.programme_for(desk)
    manages, is_self = desk.has(Duty.MANAGES), user == desk.user.id
    if not (manages or is_self):
        raise Http404
    people = people_menu.staff_of(desk, programme)
    member = next((each for each in people if each.user_id == user), None)
    if member is None:
        raise Http404
    codes = _codes(desk, programme.id, user_id=user) if manages else []
    colleagues = [e for e in people if e.left_at is None and e.user_id != user]
    return {
        "tabs": people_menu.tabs(desk),
        "programme": programme,
        "member": member,
        "role": ROLE_NAMES[member.role],
        "may": people_menu.may(member.role),
        "roles": people_menu.role_choices(),
        "since": next((row.used_at for row in codes if row.used_at), None),
        "code": codes[-1] if codes else None,
        "state": codes[-1].state(desk.now) if codes else "",
        "new": new_code(desk, member.full_name),
        "manages": manages and not is_self and member.left_at is None,
        "corrects": member.left_at is None,
        "left": _left(desk),
        "colleagues": [("", gettext("Choose")), *((e.user_id, _titled(e)) for e in colleagues)],
    }


def _titled(member: StaffMember) -> str:
    return f"{member.full_name}, {ROLE_NAMES[member.role]}"


def _left(desk: Desk) -> list[dict[str, Any]]:
    """What the refused change would leave with nobody, by the record or group it is in."""
    if getattr(desk.refused, "code", "") not in ("needs_successor", "unsuitable_successor"):
        return []
    refused: Any = desk.refused
    places: dict[str, dict[str, Any]] = {}
    for need in refused.about or []:
        kind, _, id_ = need["scope"].partition(":")
        place = places.setdefault(
            need["scope"], {"kind": kind, "id": id_, "field": SUCCESSOR + id_, "needs": []}
        )
        place["needs"].append(need)
    for place in places.values():
        heads = [need for need in place["needs"] if need["kind"] in ("record", "group")]
        place["name"] = heads[0]["name"] if heads else ""
    return list(places.values())


@staff_member.act
def correct_name(desk: Desk, user: uuid.UUID) -> str:
    form = desk.request.POST
    seen = {part: form.get(f"seen_{part}", "") for part in NAME_PARTS}
    changes = {part: form.get(part, "") for part in NAME_PARTS if form.get(part, "") != seen[part]}
    data = {
        "programme": form.get("programme"),
        "user": str(user),
        "changes": changes,
        "expected": {part: seen[part] for part in changes},
        "reason": form.get("reason", ""),
    }
    desk.act("people.correct_staff", data)
    return gettext("The name is corrected.") if changes else gettext("Nothing was changed.")


@staff_member.act
def change_role(desk: Desk, user: uuid.UUID) -> str:
    form = desk.request.POST
    data = _handover(form, user) | {"role": form.get("role", "")}
    done = desk.act("people.change_role", data)
    sentence = gettext("%(name)s has a new role: %(role)s.") % {
        "name": form.get("name", ""),
        "role": ROLE_NAMES[data["role"]],
    }
    return sentence + _taken(done.data)


@staff_member.act
def end_role(desk: Desk, user: uuid.UUID) -> str:
    form = desk.request.POST
    done = desk.act("people.end_staff", _handover(form, user))
    sentence = gettext("%(name)s is signed out everywhere and is not on the staff anymore.")
    return sentence % {"name": form.get("name", "")} + _taken(done.data)


def _handover(form: QueryDict, user: uuid.UUID) -> dict[str, Any]:
    named = {n.removeprefix(SUCCESSOR): form[n] for n in form if n.startswith(SUCCESSOR)}
    return {
        "programme": form.get("programme"),
        "user": str(user),
        "successor": form.get("successor") or None,
        "successors": {place: who for place, who in named.items() if who},
    }


def _taken(data: dict[str, Any] | None) -> str:
    places = len((data or {}).get("taken_over", []))
    if not places:
        return ""
    sentence = ngettext(
        "Someone else looks after %(n)s record or group from now on.",
        "Colleagues look after %(n)s records and groups from now on.",
        places,
    )
    return " " + sentence % {"n": places}


@staff_member.act
def make_code(desk: Desk, user: uuid.UUID) -> str:
    return renew(desk)


def renew(desk: Desk) -> str:
    """A new code in place of the one that the form names."""
    form = desk.request.POST
    data = {"invitation": form.get("invitation")}
    options = {name: form.get(name) == "yes" for name in ("by_email", "resets_factors")}
    done = desk.act("people.renew_invitation", data | options)
    if (done.data or {}).get("state") == "needs_approval":
        return gettext("The code is made. A second person must approve it before it works.")
    return gettext("The code is made.")


@page("console/invite_staff.html")
def invite_staff(desk: Desk) -> dict[str, Any]:
    programme = people_menu.programme_for(desk, Duty.MANAGES)
    return {
        "tabs": people_menu.tabs(desk),
        "programme": programme,
        "roles": people_menu.role_choices(),
        "languages": list(people_menu.LANGUAGES.items()),
        "new": new_code(desk, name_in(desk.request.POST), desk.request.POST.get("locale", "en")),
    }


@invite_staff.act
def invite(desk: Desk) -> str:
    form = desk.request.POST
    names = ("programme", "given_name", "family_name", "email", "phone", "locale", "role")
    data: dict[str, Any] = {name: form.get(name, "") for name in names}
    desk.act("people.invite_staff", data | {"by_email": form.get("by_email") == "yes"})
    return gettext("%(name)s is invited.") % {"name": name_in(form)}
