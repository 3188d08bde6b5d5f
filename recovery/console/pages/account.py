"""How this person signs in: their address, their second step, and where they are signed in."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext

from foundation.problems import Invalid
from recovery.console.desk import Desk
from recovery.console.page import page
from recovery.people.models import Person
from recovery.signin.models import User
from recovery.signin.queries import is_living, unended_sessions
from recovery.signin.rules import stepped_up

TYPES = Authenticator.Type


@page("console/account.html")
def account(desk: Desk) -> dict[str, Any]:
    user = User.objects.get(id=desk.user.id)
    person = Person.objects.in_scope(user.id).filter(id=user.id).first()
    factors = Authenticator.objects.filter(user_id=user.id).values_list("type", flat=True)
    devices = [each for each in unended_sessions(user.id) if is_living(each, desk.now)]
    return {
        "address": user.email or "",
        "recorded": person.email if person else "",
        "has_app": TYPES.TOTP in factors,
        "passkeys": sum(each == TYPES.WEBAUTHN for each in factors),
        "is_proved": stepped_up(desk.user.auth_time, desk.now),
        "devices": sorted(devices, key=lambda each: each.id != desk.user.session_id),
        "here": desk.user.session_id,
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
def end_device(desk: Desk) -> str:
    desk.act("people.revoke_session", {"session": desk.request.POST.get("session", "")})
    return gettext("That device is signed out.")


@account.act
def end_others(desk: Desk) -> str:
    """Each is an act of its own, so that the audit says which."""
    with desk.reading():
        others = list(unended_sessions(desk.user.id).exclude(id=desk.user.session_id))
    for each in others:
        desk.act("people.revoke_session", {"session": str(each.id)}, part=str(each.id))
    return gettext("All your other devices are signed out.")
