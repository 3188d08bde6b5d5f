"""Signing in by e-mailed code, passkey and second factor."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.models import Intent
from recovery.actions.models import AuditEvent
from recovery.feed.context import set_actor
from recovery.signin.models import DeviceSession, User
from tests.cast import make_user, sign_in
from tests.signin.authenticator import Passkey, totp
from tests.signin.ceremony import App, mailed_code

pytestmark = pytest.mark.django_db
ANA = "ana@example.org"


def signed_in(user: User, **options: Any) -> App:
    return App(sign_in(user, now=timezone.now(), **options))


def test_a_mailed_code_signs_a_patient_in() -> None:
    user, app = make_user(ANA), App()
    response = app.post("auth/code/request", email="Ana@Example.org")
    assert response.status_code == 401
    answer = app.finish("auth/code/confirm", code=mailed_code(user.id))
    assert answer.status_code == 200
    assert answer.json()["data"]["user"] == {"id": str(user.id)}
    assert "session_token" not in answer.json()["meta"]
    assert [row["methods"] for row in app.api("sessions").json()] == [["email_code"]]
    assert not Session.objects.exists()


def named(statements: CaptureQueriesContext) -> list[dict[str, str]]:
    return [query for query in statements if "SAVEPOINT" not in query["sql"]]


def shape(sql: str) -> str:
    """The statement's verb and table or function."""
    return re.split(r"[(,.=]", sql)[0]


def request_code(email: str) -> tuple[int, dict[str, Any], list[str]]:
    """Status, body without its random token, and the statements without values."""
    app = App()
    with CaptureQueriesContext(connection) as statements:
        answer = app.post("auth/code/request", email=email)
    body = answer.json()
    assert len(body["meta"].pop("session_token")) == 32
    return answer.status_code, body, sorted(shape(query["sql"]) for query in named(statements))


def test_an_unknown_address_gets_the_same_answer() -> None:
    make_user(ANA)
    make_user("gone@example.org", is_active=False)
    known = request_code(ANA)
    assert known == request_code("nobody@example.org") == request_code("gone@example.org")


def test_a_code_for_an_unknown_address_is_refused_like_a_wrong_one() -> None:
    make_user(ANA)
    answers = []
    for email in (ANA, "nobody@example.org"):
        app = App()
        app.post("auth/code/request", email=email)
        with CaptureQueriesContext(connection) as statements:
            answer = app.finish("auth/code/confirm", code="WRNG-WRNG")
        answers.append((answer.status_code, answer.json(), len(statements)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 400


def test_every_letter_is_written_but_only_known_people_get_one() -> None:
    user = make_user(ANA)
    request_code("nobody@example.org")
    set_actor(user.id)
    before = AuditEvent.objects.in_scope(user.id).filter(action="people.request_code").count()
    request_code(ANA)
    set_actor(user.id)
    after = AuditEvent.objects.in_scope(user.id).filter(action="people.request_code").count()
    assert (before, after) == (0, 1)
    assert mailed_code(user.id)


def test_a_code_works_only_in_the_ceremony_that_requested_it() -> None:
    user = make_user(ANA)
    mine, theirs = App(), App()
    mine.post("auth/code/request", email=ANA)
    code = mailed_code(user.id)
    theirs.post("auth/code/request", email=ANA)
    assert theirs.finish("auth/code/confirm", code=code).status_code == 400
    assert App().finish("auth/code/confirm", code=code).status_code == 409
    assert mine.finish("auth/code/confirm", code=code).status_code == 200


def test_a_code_has_five_attempts_and_each_is_recorded() -> None:
    user, app = make_user(ANA), App()
    app.post("auth/code/request", email=ANA)
    for _ in range(5):
        assert app.finish("auth/code/confirm", code="WRNG-WRNG").status_code == 400
    assert app.finish("auth/code/confirm", code=mailed_code(user.id)).status_code == 409
    set_actor(user.id)
    noted = AuditEvent.objects.in_scope(user.id).filter(action="people.confirm_code")
    assert noted.filter(outcome="refused").count() == 5
    assert not DeviceSession.objects.in_scope(user.id).exists()


def test_no_code_is_sent_twice() -> None:
    make_user(ANA)
    app = App()
    app.post("auth/code/request", email=ANA)
    assert app.post("auth/code/resend").status_code == 404


def test_a_code_expires_after_ten_minutes() -> None:
    user, app = make_user(ANA), App()
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        app.post("auth/code/request", email=ANA)
        code = mailed_code(user.id)
    with time_machine.travel(now + timedelta(minutes=10, seconds=1), tick=False):
        assert app.finish("auth/code/confirm", code=code).status_code == 409


def test_a_finished_ceremony_is_over() -> None:
    user, app = make_user(ANA), App()
    app.post("auth/code/request", email=ANA)
    token, code = app.ceremony, mailed_code(user.id)
    app.finish("auth/code/confirm", code=code)
    again = App()
    again.ceremony = token
    assert again.finish("auth/code/confirm", code=code).status_code == 409


def test_the_app_must_describe_itself() -> None:
    user, app = make_user(ANA), App()
    app.post("auth/code/request", email=ANA)
    answer = app.post("auth/code/confirm", code=mailed_code(user.id))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert app.finish("auth/code/confirm", code=mailed_code(user.id)).status_code == 200


def test_requests_for_codes_are_limited_alike_for_all() -> None:
    make_user(ANA)
    for email in (ANA, "nobody@example.org"):
        answers = [App().post("auth/code/request", email=email) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert answers[5].json()["code"] == "slow_down"


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"7", b'{"email": 7}', b'{"email": "\\u0000"}', b"\xff"]
)
def test_an_invalid_body_is_a_bad_request(body: bytes) -> None:
    answer = App().http.post("/auth/app/v1/auth/code/request", body, "application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path", ["auth/signup", "auth/login", "auth/password/request", "account/email", "config"]
)
def test_an_unlisted_path_cannot_be_reached(path: str) -> None:
    assert App().post(path, email="new@example.org", password="x" * 20).status_code == 404
    assert not User.objects.filter(email="new@example.org").exists()


def set_up_totp(app: App) -> str:
    secret = app.ask("GET", "account/authenticators/totp").json()["meta"]["secret"]
    answer = app.post("account/authenticators/totp", code=totp(secret))
    assert answer.status_code == 200, answer.content
    return str(secret)


def test_staff_without_a_second_factor_set_one_up_and_continue() -> None:
    user = make_user(ANA, is_staff=True)
    app = signed_in(user, methods=["enrolment_code"])
    assert app.api("sessions").json()["code"] == "second_factor_required"
    before = app.tokens["access_token"]
    set_up_totp(app)
    assert app.api("sessions").status_code == 200
    app.tokens["access_token"] = before
    assert app.api("sessions").status_code == 401


def test_staff_sign_in_with_code_and_second_factor_and_not_with_less() -> None:
    user = make_user(ANA, is_staff=True)
    secret = set_up_totp(signed_in(user, methods=["enrolment_code"]))
    app = App()
    app.post("auth/code/request", email=ANA)
    answer = app.finish("auth/code/confirm", code=mailed_code(user.id))
    assert answer.status_code == 401
    assert "access_token" not in answer.json()["meta"]
    assert app.finish("auth/2fa/authenticate", code="000000").status_code == 400
    answer = app.finish("auth/2fa/authenticate", code=totp(secret))
    assert answer.status_code == 200
    assert app.api("sessions").json()[0]["methods"] == ["email_code", "totp"]


def test_a_totp_code_counts_once() -> None:
    user = make_user(ANA, is_staff=True)
    secret = set_up_totp(signed_in(user, methods=["enrolment_code"]))
    statuses = []
    code = totp(secret)
    for _ in range(2):
        app = App()
        app.post("auth/code/request", email=ANA)
        app.finish("auth/code/confirm", code=mailed_code(user.id))
        statuses.append(app.finish("auth/2fa/authenticate", code=code).status_code)
    assert statuses == [200, 400]


def test_recovery_codes_are_shown_once_and_work_once() -> None:
    user = make_user(ANA)
    app = signed_in(user)
    set_up_totp(app)
    codes = app.ask("GET", "account/authenticators/recovery-codes").json()["data"]["unused_codes"]
    again = app.ask("GET", "account/authenticators/recovery-codes").json()["data"]
    assert "unused_codes" not in again
    statuses = []
    for _ in range(2):
        other = App()
        other.post("auth/code/request", email=ANA)
        other.finish("auth/code/confirm", code=mailed_code(user.id))
        statuses.append(other.finish("auth/2fa/authenticate", code=codes[0]).status_code)
    assert statuses == [200, 400]


def test_secrets_are_sealed() -> None:
    secret = set_up_totp(signed_in(make_user()))
    for factor in Authenticator.objects.all():
        assert secret not in str(factor.data)
        kept = base64.b64decode(factor.data.get("secret") or factor.data["seed"])
        assert kept[0] == 1
        assert len(kept) > 5 + 12 + 16 + 16


def add_passkey(app: App, passkey: Passkey) -> Any:
    options = app.ask("GET", "account/authenticators/webauthn?passwordless").json()["data"]
    credential = passkey.create(options["creation_options"])
    return app.post("account/authenticators/webauthn", name="Phone", credential=credential)


def test_a_passkey_signs_in_by_itself() -> None:
    user, passkey = make_user(ANA, is_staff=True), Passkey()
    answer = add_passkey(signed_in(user, methods=["enrolment_code"]), passkey)
    assert answer.status_code == 200, answer.content
    app = App()
    options = app.ask("GET", "auth/webauthn/login").json()["data"]["request_options"]
    answer = app.finish("auth/webauthn/login", credential=passkey.get(options))
    assert answer.status_code == 200, answer.content
    assert app.tokens["user"] == str(user.id)
    assert app.api("sessions").json()[0]["methods"] == ["passkey"]


def test_each_passkey_challenge_is_new() -> None:
    challenges = set()
    for _ in range(20):
        options = App().ask("GET", "auth/webauthn/login").json()["data"]["request_options"]
        challenges.add(options["publicKey"]["challenge"])
    assert len(challenges) == 20
    # base64url of at least 128 bits
    assert all(len(challenge) * 6 >= 128 for challenge in challenges)


def test_a_passkey_counts_only_from_our_own_app() -> None:
    user, passkey = make_user(ANA), Passkey()
    add_passkey(signed_in(user), passkey)
    passkey.origin = "https://handrail.example.net"
    app = App()
    options = app.ask("GET", "auth/webauthn/login").json()["data"]["request_options"]
    answer = app.finish("auth/webauthn/login", credential=passkey.get(options))
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert not app.tokens


def broken(credential: dict[str, Any], part: str) -> dict[str, Any]:
    response = credential["response"]
    return {**credential, "response": {**response, part: response[part][:-6] + "AAAA"}}


@pytest.mark.parametrize("part", ["signature", "authenticatorData", "userHandle"])
def test_a_forged_passkey_is_refused(part: str) -> None:
    user, passkey = make_user(ANA), Passkey()
    add_passkey(signed_in(user), passkey)
    app = App()
    options = app.ask("GET", "auth/webauthn/login").json()["data"]["request_options"]
    answer = app.finish("auth/webauthn/login", credential=broken(passkey.get(options), part))
    assert answer.status_code == 400
    assert not app.tokens


@pytest.mark.parametrize("credential", [None, 7, "x", {}, {"response": {"clientDataJSON": "e30"}}])
def test_garbage_is_no_passkey(credential: Any) -> None:
    app = App()
    app.ask("GET", "auth/webauthn/login")
    answer = app.finish("auth/webauthn/login", credential=credential)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_factors_change_only_soon_after_a_proof_and_every_device_is_notified() -> None:
    user = make_user(ANA)
    app = signed_in(user)
    secret = set_up_totp(app)
    set_actor(user.id)
    assert Intent.objects.filter(scope_id=user.id, type="people.device_alert").exists()
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        answer = app.ask("DELETE", "account/authenticators/totp")
        assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")
        assert Authenticator.objects.filter(type="totp").exists()
        assert app.post("auth/2fa/reauthenticate", code=totp(secret)).status_code == 200
        assert app.ask("DELETE", "account/authenticators/totp").status_code == 200
    assert not Authenticator.objects.exists()


def test_staff_keep_a_second_factor() -> None:
    app = signed_in(make_user(ANA, is_staff=True), methods=["enrolment_code"])
    set_up_totp(app)
    answer = app.ask("DELETE", "account/authenticators/totp")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")
    assert Authenticator.objects.filter(type="totp").exists()


def test_factors_are_for_the_bearer_only() -> None:
    for path in ("account/authenticators", "account/authenticators/totp"):
        answer = App().ask("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("is_staff", [True, False])
def test_a_new_code_from_the_clinic_adds_no_factor_to_those_there_are(is_staff: bool) -> None:
    user = make_user(ANA, is_staff=is_staff)
    secret = set_up_totp(signed_in(user, methods=["enrolment_code"]))
    app = signed_in(user, methods=["enrolment_code"])
    for method, path in [
        ("GET", "account/authenticators/webauthn"),
        ("DELETE", "account/authenticators/totp"),
        ("GET", "account/authenticators/recovery-codes"),
    ]:
        answer = app.ask(method, path)
        assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")
    assert app.post("auth/2fa/reauthenticate", code=totp(secret)).status_code == 200
    assert add_passkey(app, Passkey()).status_code == 200


def test_second_factor_guesses_are_limited_across_ceremonies() -> None:
    user = make_user(ANA, is_staff=True)
    set_up_totp(signed_in(user, methods=["enrolment_code"]))
    statuses = []
    for _ in range(2):
        app = App()
        app.post("auth/code/request", email=ANA)
        app.finish("auth/code/confirm", code=mailed_code(user.id))
        answers = [app.finish("auth/2fa/authenticate", code="000000") for _ in range(6)]
        statuses += [answer.status_code for answer in answers]
    assert statuses == [400] * 10 + [429] * 2


def test_second_factor_guesses_are_limited_per_account() -> None:
    user = make_user(ANA, is_staff=True)
    set_up_totp(signed_in(user, methods=["enrolment_code"]))
    app = signed_in(user)
    statuses = [app.post("auth/2fa/reauthenticate", code="000000").status_code for _ in range(11)]
    assert statuses == [400] * 10 + [429]
