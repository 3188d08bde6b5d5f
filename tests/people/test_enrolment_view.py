"""Enrolment over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from recovery.people.codes import new_code
from tests.cast import ANA, invite_patient, make_fay
from tests.signin.ceremony import DEVICE, App

pytestmark = pytest.mark.django_db
INSTALL = "an install's own secret"


def new_invitation() -> str:
    fay, programme = make_fay()
    return invite_patient(fay, programme.id, now=timezone.now()).code or ""


def enrol(code: str, **changed: Any) -> Any:
    born = ANA["date_of_birth"].isoformat()
    body = {"code": code, "date_of_birth": born, "install": INSTALL, "device": DEVICE, **changed}
    return Client().post("/api/v1/enrolment", body, "application/json")


def test_code_and_date_of_birth_start_a_session() -> None:
    answer = enrol(new_invitation())
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    assert set(answer.json()) == {
        "user",
        "session",
        "access_token",
        "access_expires_at",
        "refresh_token",
    }
    assert App(answer.json()).api("sessions").status_code == 200


def test_a_wrong_code_and_a_wrong_date_get_the_same_answer() -> None:
    code = new_invitation()
    answers = [enrol(new_code()), enrol(code, date_of_birth="1990-04-02"), enrol("x")]
    assert {(a.status_code, a.content, str(a.headers)) for a in answers} == {
        (404, answers[0].content, str(answers[0].headers))
    }
    assert answers[0].json()["code"] == "code_unknown"
    assert enrol(code).status_code == 201


def test_guessing_the_date_of_birth_for_a_known_code_is_limited() -> None:
    code = new_invitation()
    statuses = [enrol(code, date_of_birth=f"1990-05-0{day}").status_code for day in range(1, 7)]
    assert statuses == [404] * 5 + [429]
    assert enrol(code).status_code == 429


@pytest.mark.parametrize(
    "changed",
    [
        {"install": "short"},
        {"device": {}},
        {"device": None},
        {"device": {**DEVICE, "platform": "toaster"}},
        {"device": {**DEVICE, "public_key": "AAAA"}},
        {"date_of_birth": "yesterday"},
        {"more": 1},
    ],
)
def test_an_invalid_request_is_a_400_and_does_not_use_up_the_code(changed: dict[str, Any]) -> None:
    code = new_invitation()
    answer = enrol(code, **changed)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert enrol(code).status_code == 201
