"""Who gets in at the console's door, and who does not."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

from recovery.console import cookies
from recovery.feed.context import set_actor
from recovery.signin.models import DeviceSession
from tests.cast import ConsoleBrowser, FakePhone, in_care, make_user
from tests.cast.console import HOST
from tests.roles import set_scene
from tests.signin.authenticator import Passkey
from tests.signin.ceremony import mailed_code
from tools.demo.staff import totp

CONSOLE = "http://console.localhost"
pytestmark = pytest.mark.django_db


@pytest.fixture
def dana() -> Any:
    counsellor = in_care().counsellor
    counsellor.email = "dana@example.org"
    with transaction.atomic(), set_scene():
        counsellor.save(update_fields=["email"])
    return counsellor


def sessions_of(user: Any) -> list[DeviceSession]:
    with transaction.atomic():
        set_actor(user.id)
        return list(DeviceSession.objects.in_scope(user.id).filter(revoked_at=None))


def session_of(user: Any) -> DeviceSession:
    with transaction.atomic():
        set_actor(user.id)
        return DeviceSession.objects.in_scope(user.id).latest("created_at")


def test_staff_who_are_signed_in_see_their_day(dana: Any) -> None:
    page = ConsoleBrowser(dana).reads("/")
    assert "<h1>My day</h1>" in page


def test_the_whole_way_in(dana: Any) -> None:
    """The first time with setting up the second step, and again with it."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        http = Client(headers={"Host": HOST})

        def send(path: str, **fields: str) -> Any:
            with_nobody()
            return http.post(path, fields, headers={"Host": HOST})

        def look(path: str) -> Any:
            with_nobody()
            return http.get(path, headers={"Host": HOST})

        def with_nobody() -> None:
            set_actor(None)  # a test's transaction holds many requests

        assert send("/sign-in", email=dana.email)["Location"] == "/sign-in/code?next=%2F"
        assert send("/sign-in/code", code="00000000").status_code == 422
        assert send("/sign-in/code", code=mailed_code(dana.id))["Location"] == "/"
        assert look("/")["Location"] == "/second-factor?next=%2F"
        page = look("/second-factor").content.decode()
        [secret] = re.findall(r'large-code">(\w+)<', page)
        assert send("/second-factor", code="000000").status_code == 422
        codes = send("/second-factor", code=now_in(secret))
        paper = re.findall(r"<b>(\d+)</b>", codes.content.decode())
        assert len(paper) == 10
        assert look("/").status_code == 200

        assert send("/sign-out").status_code == 200
        assert look("/").status_code == 303
        clock.shift(timedelta(minutes=1))
        send("/sign-in", email=dana.email)
        second = send("/sign-in/code", code=mailed_code(dana.id))
        assert second["Location"] == "/sign-in/second-step?next=%2F"
        assert look("/").status_code == 303
        assert send("/sign-in/second-step", code="000000").status_code == 422
        assert send("/sign-in/second-step", code=paper[0])["Location"] == "/"
        assert look("/").status_code == 200

        clock.shift(timedelta(minutes=10))
        assert send("/confirm", code="000000").status_code == 422
        assert send("/confirm?next=/here", code=now_in(secret))["Location"] == "/here"
        assert look("/").status_code == 200
        [mine] = sessions_of(dana)
        assert mine.auth_time == timezone.now()


def now_in(secret: str) -> str:
    return totp(secret, int(time.time()) // 30)


@pytest.mark.parametrize("next_page", ["https://evil.example", "//evil.example", "javascript:x"])
def test_the_way_in_leads_to_no_other_site(dana: Any, next_page: str) -> None:
    browser = ConsoleBrowser(dana)
    there = browser.http.post(
        f"/sign-in?next={next_page}", {"email": dana.email}, headers={"Host": HOST}
    )
    assert there["Location"] == "/sign-in/code?next=%2F"


@pytest.mark.parametrize("cookie", ["", "hra_" + "x" * 43, "nonsense"])
def test_everybody_else_is_sent_to_the_door(cookie: str) -> None:
    http = Client(headers={"Host": HOST})
    if cookie:
        http.cookies[cookies.SESSION] = cookie
    response = http.get("/", headers={"Host": HOST})
    assert (response.status_code, response["Location"]) == (303, "/sign-in?next=%2F")


def test_a_patient_finds_nothing() -> None:
    patient = make_user()
    assert ConsoleBrowser(patient).get("/").status_code == 404


def test_an_address_without_a_page_says_so_on_a_page_of_the_console() -> None:
    response = Client().get("/nothing", headers={"Host": HOST})
    assert response.status_code == 404
    assert "There is nothing here for you" in response.content.decode()
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_staff_without_a_second_step_set_one_up(dana: Any) -> None:
    response = ConsoleBrowser(dana, methods=["email_code"]).get("/")
    assert response["Location"] == "/second-factor?next=%2F"


def test_the_other_hosts_have_no_console_and_it_has_no_api(dana: Any) -> None:
    browser = ConsoleBrowser(dana)
    assert browser.http.get("/sign-in", headers={"Host": "localhost"}).status_code == 404
    for path in ("/api/v1/sessions", "/healthz", "/auth/app/v1/auth/code/request", "/check-in"):
        assert browser.get(path).status_code == 404


def test_a_session_cookie_opens_nothing_of_the_api(dana: Any) -> None:
    browser = ConsoleBrowser(dana)
    assert browser.http.get("/api/v1/sessions", headers={"Host": "localhost"}).status_code == 401


def test_what_the_owner_does_keeps_the_session_and_what_the_page_does_does_not(dana: Any) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = ConsoleBrowser(dana)
        began = session_of(dana).access_expires_at
        clock.shift(timedelta(minutes=10))
        assert browser.get("/", **{"Handrail-By-Itself": "true"}).status_code == 200
        assert session_of(dana).access_expires_at == began
        assert browser.get("/").status_code == 200
        assert session_of(dana).access_expires_at == began + timedelta(minutes=10)
        clock.shift(timedelta(minutes=16))
        assert browser.get("/").status_code == 303


def test_twelve_hours_are_the_end(dana: Any) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = ConsoleBrowser(dana)
        for _ in range(12 * 6 - 1):
            clock.shift(timedelta(minutes=10))
            assert browser.get("/").status_code == 200
        clock.shift(timedelta(minutes=10))
        assert browser.get("/").status_code == 303


def test_who_signs_out_is_out_everywhere(dana: Any) -> None:
    browser = ConsoleBrowser(dana)
    session = session_of(dana)
    phone = FakePhone(dana)
    phone.tokens = browser.tokens
    assert phone.get("sessions").status_code == 200
    assert browser.http.post("/sign-out", headers={"Host": HOST}).status_code == 200
    assert session.id not in {each.id for each in sessions_of(dana)}
    assert phone.get("sessions").status_code == 401


def test_a_form_that_another_site_has_made_is_refused(dana: Any) -> None:
    browser = ConsoleBrowser(dana)
    forged = Client(enforce_csrf_checks=True, headers={"Host": HOST})
    forged.cookies = browser.http.cookies
    response = forged.post("/sign-out", headers={"Host": HOST, "Origin": "https://evil.example"})
    assert response.status_code == 403
    assert session_of(dana).revoked_at is None


def test_a_passkey_is_both_steps_and_confirms(dana: Any) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        passkey = Passkey(CONSOLE)
        browser = ConsoleBrowser(dana, methods=["email_code"])

        def answered(path: str, made: Callable[[Any], Any], http: Client) -> Any:
            options = http.get(path, headers={"Host": HOST}).json()
            form = {"credential": json.dumps(made({"publicKey": options})), "name": "Key"}
            set_actor(None)
            return http.post(path, form, headers={"Host": HOST})

        added = answered("/second-factor/passkey", passkey.create, browser.http)
        assert (added.status_code, browser.get("/").status_code) == (303, 200)

        elsewhere = Client(headers={"Host": HOST})
        came_in = answered("/sign-in/passkey?next=/here", passkey.get, elsewhere)
        assert came_in["Location"] == "/here"
        assert elsewhere.get("/", headers={"Host": HOST}).status_code == 200

        clock.shift(timedelta(minutes=10))
        assert answered("/confirm/passkey", passkey.get, elsewhere).status_code == 303
        assert timezone.now() in {each.auth_time for each in sessions_of(dana)}


def test_a_passkey_that_is_none_is_refused_with_a_way_back(dana: Any) -> None:
    browser = ConsoleBrowser(dana)
    for credential in ("", "{}", "[]", "not json"):
        path, form = "/sign-in/passkey?next=/here", {"credential": credential}
        response = browser.http.post(path, form, headers={"Host": HOST})
        assert response.status_code == 422
        assert 'href="/sign-in?next=%2Fhere"' in response.content.decode()
