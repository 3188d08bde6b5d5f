"""Where a person in care is signed in, which staff can end but not see."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404
from django.utils.translation import gettext

from recovery.care.models import CareRecord
from recovery.console.desk import Desk
from recovery.console.new_code import new_code
from recovery.console.page import page
from recovery.console.pages.staff import renew
from recovery.people.models import Invitation, name_to_say
from recovery.people.roles import Duty


@page("console/devices.html")
def devices(desk: Desk, record: uuid.UUID) -> dict[str, Any]:
    row = desk.read_one(desk.rows(CareRecord).filter(id=record).select_related("programme"))
    if desk.programme is None or row.programme_id != desk.programme.id:
        raise Http404
    if not desk.has(Duty.INVITES):
        raise Http404
    codes = desk.rows(Invitation).filter(programme_id=row.programme_id, user_id=row.user_id)
    code = desk.read_one(codes.order_by("-created_at", "-id"))
    name = name_to_say(row.given_name, row.family_name, row.name_text, row.called)
    return {
        "record": row,
        "name": name,
        "code": code,
        "state": code.state(desk.now),
        "new": new_code(desk, name, row.locale),
    }


@devices.act
def sign_out(desk: Desk, record: uuid.UUID) -> str:
    return _signed_out(desk, wipe=False)


@devices.act
def wipe(desk: Desk, record: uuid.UUID) -> str:
    return _signed_out(desk, wipe=True)


def _signed_out(desk: Desk, *, wipe: bool) -> str:
    form = desk.request.POST
    desk.act("people.sign_out_person", {"invitation": form.get("invitation"), "wipe": wipe})
    if wipe:
        sentence = gettext(
            "%(name)s is signed out of every device. Each erases itself when it is next online."
        )
    else:
        sentence = gettext("%(name)s is signed out of every device.")
    return sentence % {"name": form.get("name", "")}


@devices.act
def make_code(desk: Desk, record: uuid.UUID) -> str:
    return renew(desk)
