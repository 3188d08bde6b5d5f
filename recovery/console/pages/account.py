"""How this person signs in: their address, their second step, and where they are signed in."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from foundation.problems import Invalid
from recovery.console.desk import Desk
from recovery.console.page import page
from recovery.people.models import AccountRecovery, Person
from recovery.signin.models import DeviceSession, User
from recovery.signin.queries import is_living
from recovery.signin.rules import stepped_up

TYPES = Authenticator.Type
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


@page("console/account.html")
def account(desk: Desk) -> dict[str, Any]:
    user = User.objects.get(id=desk.user.id)
    person = Person.objects.in_scope(user.id).filter(id=user.id).first()
    factors = Authenticator.objects.filter(user_id=user.id).values_list("type", flat=True)
    return {
        "address": user.email or "",
        "recorded": person.email if person else "",
        "has_app": TYPES.TOTP in factors,
        "passkeys": sum(each == TYPES.WEBAUTHN for each in factors),
        "is_proved": stepped_up(desk.user.auth_time, desk.now),
        "lists": f"person:{desk.user.id}",
        **_devices(desk),
    }


def _devices(desk: Desk) -> dict[str, Any]:
    """Where the person is signed in or was, and open codes for their account."""
    mine = desk.rows(DeviceSession).filter(scope_id=desk.user.id)
    sessions = desk.read(mine.filter(revoked_at=None).order_by("-last_seen", "-id"))
    ended = desk.read(mine.exclude(revoked_at=None).order_by("-revoked_at", "-id")[:SHOWN])
    living = [each for each in sessions if is_living(each, desk.now)]
    codes = desk.rows(AccountRecovery).filter(
        scope_id=desk.user.id, used_at=None, refused_at=None, revoked_at=None,
        expires_at__gt=desk.now,
    )  # fmt: skip
    return {
        "here": next((each for each in living if each.id == desk.user.session_id), None),
        "others": [each for each in living if each.id != desk.user.session_id],
        "ended": [(each, WHY.get(each.revoked_why, "")) for each in ended],
        "codes": desk.read(codes.order_by("-started_at", "-id")),
    }


@account.act
def send_code(desk: Desk) -> str:
    address = desk.request.POST.get("email", "").strip()
    desk.act("people.request_address_code", {"email": address} if address else {})
    return gettext("A code is on its way to %(address)s.") % {"address": address}


@account.act
def confirm_address(desk: Desk) -> str:
    typed = "".join(desk.request.POST.get("code", "").split())
    outcome = desk.act("people.confirm_address", {"code": typed})
    if not (outcome.data or {}).get("confirmed"):
        raise Invalid({"code": [gettext("This code is not right. Look again, or send another.")]})
    return gettext("From now on you sign in with this address.")


@account.act
def end(desk: Desk) -> str:
    desk.act("people.revoke_session", {"session": desk.request.POST.get("session"), "wipe": False})
    return gettext("That device is signed out.")


@account.act
def report_lost(desk: Desk) -> str:
    desk.act("people.report_phone_lost", {"session": desk.request.POST.get("session")})
    return gettext("That device is signed out. It erases what it holds when it is next online.")


@account.act
def end_others(desk: Desk) -> str:
    others = desk.request.POST.getlist("session")
    for session in others:
        desk.act("people.revoke_session", {"session": session, "wipe": False}, part=session)
    sentence = ngettext(
        "%(n)s other device is signed out.", "%(n)s other devices are signed out.", len(others)
    )
    return sentence % {"n": len(others)}


@account.act
def refuse(desk: Desk) -> str:
    desk.act("people.refuse_recovery", {"recovery": desk.request.POST.get("recovery")})
    return gettext("The code is refused. It opens nothing.")


@account.act
def confirm(desk: Desk) -> str:
    desk.act("people.confirm_recovery", {"recovery": desk.request.POST.get("recovery")})
    return gettext("You have confirmed the code. Once it is approved, it works without waiting.")
