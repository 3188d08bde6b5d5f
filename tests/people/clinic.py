"""A programme with its staff, as its own people use it over HTTP."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import time_machine
from django.utils import timezone

from recovery.people.models import Invitation
from recovery.signin.models import User
from tests.cast import ADMISSION, NORTHLIGHT, FakePhone, act_as_system, answer, load_programme
from tests.roles import as_role
from tests.signin.authenticator import totp
from tests.signin.ceremony import App, mailed_code

BORN = str(ADMISSION["date_of_birth"])


class Clinic:
    """Northlight. `hire` and `admit` return whom they invite, before they have enrolled."""

    def __init__(self) -> None:
        load_programme()

    def hire(self, role: str, given_name: str, email: str = "") -> FakePhone:
        """A member of staff at their desk, enrolled and signed in a moment ago."""
        names = {"given_name": given_name, "family_name": "Moss", "role": role}
        address = email or f"{given_name.lower()}@example.org"
        data = {"programme": NORTHLIGHT, "email": address, "by_email": False} | names
        invited = act_as_system("people.invite_staff", now=timezone.now(), **data)
        user = User.objects.get(id=invited.data["user"])
        assert App().enrol(invited.once["code"]).status_code == 201
        return FakePhone(user)

    def admit(self, by: FakePhone, **facts: Any) -> Guest:
        data = {name: str(value) for name, value in ADMISSION.items()} | {"by_email": False}
        return Guest(answer(by.do("care.admit_patient", data | facts)))


class Guest:
    """Someone who was invited: their ids, and the code if it was shown."""

    def __init__(self, answered: dict[str, Any]) -> None:
        self.user = uuid.UUID(answered["data"]["user"])
        self.invitation: str = answered["data"]["invitation"]
        self.record: str = answered["data"]["record"]
        self.code: str = answered.get("once", {}).get("code", "")

    def enrolled(self) -> App:
        app = App()
        assert app.enrol(self.code, BORN).status_code == 201
        return app


def renew(by: FakePhone, invitation: str, *, status: int = 200, **options: Any) -> dict[str, Any]:
    data = {"invitation": invitation, "by_email": False} | options
    return answer(by.do("people.renew_invitation", data), status)


def approve(by: FakePhone, invitation: str, *, status: int = 200) -> dict[str, Any]:
    data = {"programme": NORTHLIGHT, "invitation": invitation}
    return answer(by.do("people.approve_invitation", data), status)


def set_up_totp(app: App) -> str:
    secret = app.ask("GET", "account/authenticators/totp").json()["meta"]["secret"]
    assert app.post("account/authenticators/totp", code=totp(secret)).status_code == 200
    return str(secret)


def confirm_address(app: App, email: str, user: uuid.UUID) -> None:
    assert app.do("people.request_address_code", email=email).status_code == 200
    code = mailed_code(user)
    assert app.do("people.confirm_address", code=code).json()["data"] == {"confirmed": True}


def sign_in_by_mail(email: str, user: uuid.UUID, secret: str = "") -> App:
    """A new app, signed in by a code to this address and, with `secret`, by the second factor."""
    app = App()
    app.post("auth/code/request", email=email)
    answered = app.finish("auth/code/confirm", code=mailed_code(user))
    if secret:
        answered = app.finish("auth/2fa/authenticate", code=totp(secret))
    assert answered.status_code == 200, answered.content
    return app


def later(**time: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**time), tick=False)


def row_of(invitation: str) -> Invitation:
    with as_role("jobs"):
        return Invitation.objects.get(id=invitation)
