"""Everybody whose code was handed over can confirm an address and sign in with it again."""

from __future__ import annotations

import uuid
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from notifications.models import Intent
from recovery.feed.context import set_actor
from recovery.people.models import AddressCode, Person
from recovery.people.rules import staff_scope
from recovery.signin.models import User
from tests.at_once import at_once
from tests.cast import NORTHLIGHT, answer, load_programme
from tests.people.clinic import (
    BORN,
    Clinic,
    confirm_address,
    later,
    set_up_totp,
    sign_in_by_mail,
)
from tests.roles import as_role
from tests.signin.ceremony import App, letters, mailed_code

pytestmark = pytest.mark.usefixtures("committed_db")


def alerts(user_id: uuid.UUID) -> int:
    with transaction.atomic():
        set_actor(user_id)
        return Intent.objects.filter(scope_id=user_id, type="people.device_alert").count()


def test_the_first_administrator_comes_back_after_an_idle_hour() -> None:
    load_programme()
    out = StringIO()
    with as_role("jobs"):
        names = ("fay@example.org", "Fay", "Moss")
        call_command("invite_administrator", NORTHLIGHT, *names, stdout=out)
    fay = App()
    assert fay.enrol(out.getvalue().strip()).status_code == 201
    user = uuid.UUID(fay.tokens["user"])
    secret = set_up_totp(fay)
    account = fay.api("account").json()
    assert (account["sign_in_email"], account["recorded_email"]) == (None, "fay@example.org")
    # The address that was typed on the server: confirmed by the person who reads it.
    assert fay.do("people.request_address_code").status_code == 200
    assert letters(user)[-1][:2] == ("people.address_code", "fay@example.org")
    assert fay.do("people.confirm_address", code=mailed_code(user)).status_code == 200
    assert fay.api("account").json()["sign_in_email"] == "fay@example.org"
    with later(hours=1):
        assert fay.api("sessions").status_code == 401
        again = sign_in_by_mail("fay@example.org", user, secret)
        assert again.api("account").status_code == 200


@pytest.mark.parametrize("recorded", ["", "typo@example.org"])
def test_a_patient_confirms_an_address_of_their_own(recorded: str) -> None:
    clinic = Clinic()
    ana = clinic.admit(clinic.hire("counsellor", "Dana"), email=recorded)
    app = ana.enrolled()
    before = alerts(ana.user)
    confirm_address(app, "Ana.New@Example.org", ana.user)
    assert app.api("account").json()["sign_in_email"] == "ana.new@example.org"
    assert alerts(ana.user) == before + 1
    assert sign_in_by_mail("ana.new@example.org", ana.user).api("sessions").status_code == 200


def test_without_any_address_the_app_must_ask_for_one() -> None:
    clinic = Clinic()
    ana = clinic.admit(clinic.hire("counsellor", "Dana"), email="")
    app = ana.enrolled()
    refused = app.do("people.request_address_code")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_address")
    assert letters(ana.user) == []


def test_a_patient_who_has_nothing_to_prove_it_with_may_still_add_an_address() -> None:
    """A phone that was enrolled weeks ago, without an address or a factor."""
    clinic = Clinic()
    ana = clinic.admit(clinic.hire("counsellor", "Dana"), email="")
    app = ana.enrolled()
    with later(minutes=14):
        confirm_address(app, "ana@example.org", ana.user)
        # From now on there is something to prove it with.
        app.do("people.confirm_address", code="AAAA-AAAA")
        refused = app.do("people.request_address_code", email="else@example.org")
        assert refused.json()["code"] == "step_up_required"
    assert User.objects.get(id=ana.user).email == "ana@example.org"


def test_the_earlier_address_and_all_devices_hear_of_a_new_one() -> None:
    clinic = Clinic()
    ana = clinic.admit(clinic.hire("counsellor", "Dana"))
    app = ana.enrolled()
    confirm_address(app, "ana@example.org", ana.user)
    before = alerts(ana.user)
    confirm_address(app, "new@example.org", ana.user)
    assert letters(ana.user)[-1] == ("people.address_changed", "ana@example.org", {})
    assert alerts(ana.user) == before + 1
    known = len(letters(ana.user))
    App().post("auth/code/request", email="ana@example.org")
    assert len(letters(ana.user)) == known
    assert sign_in_by_mail("new@example.org", ana.user)


def test_the_address_of_another_account_gets_the_same_answer() -> None:
    clinic = Clinic()
    dana = clinic.hire("counsellor", "Dana")
    ben = clinic.admit(dana, given_name="Ben", email="")
    confirm_address(ben.enrolled(), "ben@example.org", ben.user)
    ana = clinic.admit(dana)
    app, answers = ana.enrolled(), []
    for email in ("ben@example.org", "free@example.org"):
        requested = app.do("people.request_address_code", email=email)
        wrong = app.do("people.confirm_address", code="0000-0000")
        body = requested.json()
        body["data"].pop("expires_at")
        answers.append((requested.status_code, body, wrong.status_code, wrong.json()))
    assert answers[0] == answers[1]
    sent = letters(ana.user)
    assert sent[0] == ("people.address_taken", "ben@example.org", {})
    assert sent[1][0] == "people.address_code"
    assert User.objects.get(id=ben.user).email == "ben@example.org"
    assert User.objects.get(id=ana.user).email is None


def test_a_code_has_five_tries_and_ten_minutes() -> None:
    clinic = Clinic()
    ana = clinic.admit(clinic.hire("counsellor", "Dana"))
    app = ana.enrolled()
    app.do("people.request_address_code")
    tries = [
        app.do("people.confirm_address", code="0000-0000").json()["data"]["tries_left"]
        for _ in range(5)
    ]
    assert tries == [4, 3, 2, 1, 0]
    over = app.do("people.confirm_address", code=mailed_code(ana.user))
    assert (over.status_code, over.json()["code"]) == (409, "code_over")
    app.do("people.request_address_code")
    code = mailed_code(ana.user)
    with later(minutes=11):
        assert app.do("people.confirm_address", code=code).json()["code"] == "code_over"
    assert User.objects.get(id=ana.user).email is None


def test_a_code_counts_only_on_the_device_that_asked_for_it_and_once() -> None:
    clinic = Clinic()
    ana = clinic.admit(clinic.hire("counsellor", "Dana"))
    app = ana.enrolled()
    confirm_address(app, "ana@example.org", ana.user)
    other = sign_in_by_mail("ana@example.org", ana.user)
    app.do("people.request_address_code", email="new@example.org")
    code = mailed_code(ana.user)
    assert other.do("people.confirm_address", code=code).json()["code"] == "code_over"
    assert app.do("people.confirm_address", code=code).json()["data"] == {"confirmed": True}
    assert app.do("people.confirm_address", code=code).json()["code"] == "code_over"


def test_letters_to_addresses_are_limited() -> None:
    clinic = Clinic()
    ana = clinic.admit(clinic.hire("counsellor", "Dana"))
    app = ana.enrolled()
    answers = [app.do("people.request_address_code").status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert len(letters(ana.user)) == 5


def test_two_people_who_claim_one_address_at_once_leave_it_with_one() -> None:
    clinic = Clinic()
    dana = clinic.hire("counsellor", "Dana")
    apps = []
    for name in ("Ana", "Ben"):
        guest = clinic.admit(dana, given_name=name)
        app = guest.enrolled()
        app.do("people.request_address_code", email="shared@example.org")
        apps.append((app, mailed_code(guest.user)))
    answers = at_once(
        *(lambda a=app, c=code: a.do("people.confirm_address", code=c) for app, code in apps)
    )
    assert sorted(each.status_code for each in answers) == [200, 409]
    assert User.objects.filter(email="shared@example.org").count() == 1


def test_an_address_is_stored_encrypted_and_its_code_hashed() -> None:
    clinic = Clinic()
    ana = clinic.admit(clinic.hire("counsellor", "Dana"))
    app = ana.enrolled()
    app.do("people.request_address_code", email="secret@example.org")
    with as_role("jobs"):
        [row] = AddressCode.objects.all()
    assert b"secret" not in bytes(row.sealed)
    assert mailed_code(ana.user).encode() not in bytes(row.code_hash)


def test_an_address_that_was_corrected_meanwhile_is_not_confirmed_by_the_earlier_letter() -> None:
    """The letter went to the address as it was recorded then."""
    clinic = Clinic()
    dana = clinic.hire("counsellor", "Dana")
    ana = clinic.admit(dana, email="old@example.org", by_email=True)
    [(_, _, context)] = letters(uuid_of_staff_scope(), dana.user.id)
    with as_role("jobs"):
        Person.objects.filter(scope_id=ana.user).update(email="corrected@example.org")
    assert App().enrol(context["code"], BORN).status_code == 201
    assert User.objects.get(id=ana.user).email is None


def uuid_of_staff_scope() -> uuid.UUID:
    return staff_scope(uuid.UUID(NORTHLIGHT))


def test_rehired_staff_sign_in_with_their_address_again() -> None:
    clinic = Clinic()
    fay = clinic.hire("admin", "Fay")
    hired: dict[str, Any] = {"programme": NORTHLIGHT, "given_name": "Lee", "family_name": "Moss"}
    hired |= {"email": "lee@example.org", "role": "counsellor", "by_email": False}
    ids = []
    for time in (0, 1):
        invited = answer(fay.do("people.invite_staff", hired))
        user = uuid.UUID(invited["data"]["user"])
        ids.append(user)
        lee = App()
        assert lee.enrol(invited["once"]["code"]).status_code == 201
        secret = set_up_totp(lee)
        confirm_address(lee, "lee@example.org", user)
        with later(minutes=20):
            assert (
                sign_in_by_mail("lee@example.org", user, secret).api("account").status_code == 200
            )
        if time == 0:
            data = {"programme": NORTHLIGHT, "user": str(user)}
            assert fay.do("people.end_staff", data).status_code == 200
    first, second = (User.objects.get(id=user) for user in ids)
    assert (first.is_active, first.email) == (False, None)
    assert (second.is_active, second.email) == (True, "lee@example.org")
