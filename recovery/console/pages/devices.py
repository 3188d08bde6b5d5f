"""Where people are signed in: one's own devices; and those of a person in care, which staff can end
but not see."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from recovery.care.models import CareRecord
from recovery.console.desk import Desk
from recovery.console.new_code import new_code
from recovery.console.page import page
from recovery.console.pages.staff import renew
from recovery.people.models import AccountRecovery, Invitation, name_to_say
from recovery.people.roles import Duty
from recovery.signin.models import DeviceSession
from recovery.signin.queries import is_living

SHOWN = 20  # of those that have ended
WHY = {
    "signed_out": _("You signed out there."),
    "revoked": _("You signed it out."),
    "lost": _("You reported it lost."),
    "reuse": _("Someone may have copied it."),
    "recovered": _("You came back with a new code."),
    "by_staff": _("Your program signed it out."),
    "disabled": _("The account was closed."),
}


@page("console/my_devices.html")
def my_devices(desk: Desk) -> dict[str, Any]:
    mine = desk.rows(DeviceSession).filter(scope_id=desk.user.id)
    sessions = desk.read(mine.filter(revoked_at=None).order_by("-last_seen", "-id"))
    ended = desk.read(mine.exclude(revoked_at=None).order_by("-revoked_at", "-id")[:SHOWN])
    living = [each for each in sessions if is_living(each, desk.now)]
    codes = desk.rows(AccountRecovery).filter(
        scope_id=desk.user.id, used_at=None, refused_at=None, revoked_at=None,
        expires_at__gt=desk.now,
    )  # fmt: skip
    return {
        "lists": f"person:{desk.user.id}",
        "here": next((each for each in living if each.id == desk.user.session_id), None),
        "others": [each for each in living if each.id != desk.user.session_id],
        "ended": [(each, WHY.get(each.revoked_why, "")) for each in ended],
        "codes": desk.read(codes.order_by("-started_at", "-id")),
    }


@my_devices.act
def end(desk: Desk) -> str:
    desk.act("people.revoke_session", {"session": desk.request.POST.get("session"), "wipe": False})
    return gettext("That device is signed out.")


@my_devices.act
def report_lost(desk: Desk) -> str:
    desk.act("people.report_phone_lost", {"session": desk.request.POST.get("session")})
    return gettext("That device is signed out. It erases what it holds when it is next online.")


@my_devices.act
def end_others(desk: Desk) -> str:
    others = desk.request.POST.getlist("session")
    for session in others:
        desk.act("people.revoke_session", {"session": session, "wipe": False}, part=session)
    sentence = ngettext(
        "%(n)s other device is signed out.", "%(n)s other devices are signed out.", len(others)
    )
    return sentence % {"n": len(others)}


@my_devices.act
def refuse(desk: Desk) -> str:
    desk.act("people.refuse_recovery", {"recovery": desk.request.POST.get("recovery")})
    return gettext("The code is refused. It opens nothing.")


@my_devices.act
def confirm(desk: Desk) -> str:
    desk.act("people.confirm_recovery", {"recovery": desk.request.POST.get("recovery")})
    return gettext("You have confirmed the code. Once it is approved, it works without waiting.")


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
