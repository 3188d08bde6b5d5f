"""The one-use codes of the programme; one of them, with what can be done about it."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recovery.care.models import CareRecord, Programme
from recovery.console import people_menu
from recovery.console.desk import Desk
from recovery.console.new_code import new_code
from recovery.console.page import page
from recovery.console.pages.staff import renew
from recovery.console.words import time_since
from recovery.people import queries
from recovery.people.models import Invitation, StaffMember
from recovery.people.roles import Duty

MOST = 100
STATES = {
    "waiting": (_("Waiting for them"), ""),
    "needs_approval": (_("Needs a second person"), "wait"),
    "expired": (_("Too old"), "wait"),
    "used": (_("Used"), "good"),
    "revoked": (_("Taken back"), ""),
    "refused": (_("Refused by its owner"), "stop"),
}
LETTERS = {
    "waiting": _("The email has not left yet."),
    "sent": _("The email was sent."),
    "undeliverable": _("The email could not be delivered. Check the address."),
    "expired": _("The email was not sent."),
}
# What the page shows, by the word in its address.
SHOWN = {"": _("Open"), "expired": _("Too old"), "over": _("Used or ended")}


@page("console/invitations.html")
def invitations(desk: Desk) -> dict[str, Any]:
    programme = people_menu.programme_for(desk, Duty.INVITES)
    shown = desk.request.GET.get("show", "")
    shown = shown if shown in SHOWN else ""
    rows = desk.read(
        _rows(desk, programme).filter(_which(desk, shown)).order_by("-created_at", "-id")[:MOST]
    )
    staff = people_menu.staff_of(desk, programme)
    return {
        "tabs": people_menu.tabs(desk),
        "rows": _described(desk, programme, rows, staff),
        "shown": shown,
        "recipes": list(SHOWN.items()),
        "is_full": len(rows) == MOST,
    }


def _rows(desk: Desk, programme: Programme) -> Any:
    mine = queries.invitations_for(desk.user)
    return desk.rows(Invitation).filter(mine, programme_id=programme.id)


def to_approve(desk: Desk, most: int) -> list[dict[str, Any]]:
    """Those that wait for the approval of this person, the longest wait first."""
    if desk.programme is None or not desk.has(Duty.INVITES):
        return []
    rows = _rows(desk, desk.programme).filter(
        _which(desk, ""), needs_approval=True, approved_at=None
    )
    others = rows.exclude(invited_by=desk.user.id).exclude(user_id=desk.user.id)
    waiting = desk.read(others.order_by("created_at", "id")[:most])
    if not waiting:
        return []
    staff = people_menu.staff_of(desk, desk.programme)
    described = _described(desk, desk.programme, waiting, staff)
    return [each | {"waits": time_since(each["row"].created_at, desk.now)} for each in described]


def _which(desk: Desk, shown: str) -> Q:
    unused = Q(used_at=None, revoked_at=None, refused_at=None)
    match shown:
        case "over":
            return ~unused
        case "expired":
            return unused & Q(expires_at__lte=desk.now)
    return unused & Q(expires_at__gt=desk.now)


def _described(
    desk: Desk, programme: Programme, rows: list[Invitation], staff: list[StaffMember]
) -> list[dict[str, Any]]:
    """Each code with whose it is, as far as this person may know, and what became of it."""
    owners = {row.user_id for row in rows}
    records = desk.rows(CareRecord).filter(programme=programme, user_id__in=owners)
    cared_for = {each.user_id: each for each in desk.read(records.order_by("id"))}
    colleagues = people_menu.names_of(staff)
    names = {user: each.full_name for user, each in cared_for.items()} | colleagues
    letters = queries.letter_states(rows[0].scope_id, rows) if rows else {}
    described = []
    for row in rows:
        title, kind = STATES[row.state(desk.now)]
        described.append(
            {
                "row": row,
                "state": row.state(desk.now),
                "title": title,
                "kind": kind,
                "name": names.get(row.user_id),
                "record": cared_for.get(row.user_id),
                "by": colleagues.get(row.invited_by),
                "approved_by": colleagues.get(row.approved_by),
                "letter": LETTERS.get(letters.get(row.id, "")),
            }
        )
    return described


@page("console/invitation_of.html")
def invitation_of(desk: Desk, invitation: uuid.UUID) -> dict[str, Any]:
    programme = people_menu.programme_for(desk, Duty.INVITES)
    row = desk.read_one(_rows(desk, programme).filter(id=invitation))
    staff = people_menu.staff_of(desk, programme)
    [shown] = _described(desk, programme, [row], staff)
    unused = shown["state"] in ("waiting", "needs_approval", "expired")
    waits = shown["state"] == "needs_approval"
    if waits:
        shown["name"], address = queries.owner_of(row, desk.user, desk.now)
        shown["address"] = address if row.by_email else ""
    made = desk.request.POST.get("do") == "make_code"
    return shown | {
        "tabs": people_menu.tabs(desk),
        "programme": programme,
        "approves": waits and desk.user.id not in (row.invited_by, row.user_id),
        "is_mine": row.invited_by == desk.user.id,
        "revokes": unused and _manages(desk, row),
        "renews": unused and _renews(desk, row, shown["record"]),
        "new": new_code(desk, shown["name"] or "", _language(shown["record"])) if made else None,
    }


def _manages(desk: Desk, row: Invitation) -> bool:
    return desk.has(Duty.MANAGES if row.for_staff else Duty.INVITES)


def _renews(desk: Desk, row: Invitation, record: CareRecord | None) -> bool:
    if row.for_staff:
        return row.user_id != desk.user.id and _manages(desk, row)
    return record is not None and _manages(desk, row)


def _language(record: CareRecord | None) -> str:
    return record.locale if record else "en"


@invitation_of.act
def make_code(desk: Desk, invitation: uuid.UUID) -> str:
    return renew(desk)


@invitation_of.act
def approve(desk: Desk, invitation: uuid.UUID) -> str:
    data = {"programme": desk.request.POST.get("programme"), "invitation": str(invitation)}
    desk.act("people.approve_invitation", data)
    return gettext("You have approved the code.")


@invitation_of.act
def revoke(desk: Desk, invitation: uuid.UUID) -> str:
    desk.act("people.revoke_invitation", {"invitation": str(invitation)})
    return gettext("The code is taken back. It opens nothing anymore.")
