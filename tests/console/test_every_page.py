"""What holds for every page of the console, read from its URLs: a new one is in it by itself."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from uuid_utils.compat import uuid7

from recovery.actions.models import AuditEvent
from recovery.console.page import Page, policy
from recovery.signin.models import User
from tests.cast import Circle, ConsoleBrowser, make_user
from tests.cast.console import HOST
from tests.console.routes import PAGES, PARTS, ROUTES, path_of
from tests.roles import set_scene

pytestmark = pytest.mark.django_db


def read_events() -> int:
    with transaction.atomic(), set_scene():
        return AuditEvent.objects.filter(outcome="read").count()


def test_every_page_is_one() -> None:
    """So that nothing reads or writes in another way."""
    views = {name: ROUTES[name].callback for name in PAGES}
    unusual = {name for name, view in views.items() if not isinstance(unwrapped(view), Page)}
    assert unusual == PARTS


def unwrapped(view: Any) -> Any:
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return view


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_comes_in_without_a_session(method: str) -> None:
    http = Client(headers={"Host": HOST})
    for route in PAGES:
        path = path_of(route)
        response = getattr(http, method)(path, headers={"Host": HOST})
        assert response.status_code == 303, route
        assert response["Location"].partition("?")[0] == "/sign-in", route
        inside = getattr(http, method)(path, headers={"Host": HOST, "HX-Request": "true"})
        assert inside.status_code == 401, route


def test_a_patient_finds_nothing(circle: Circle) -> None:
    browser = ConsoleBrowser(circle.ana)
    for route in PAGES - PARTS:
        assert browser.get(path_of(route, circle)).status_code == 404, route
        assert browser.do(path_of(route, circle), "anything").status_code == 404, route


def test_outsiders_read_nothing_of_anybody(circle: Circle, olive: User) -> None:
    paths = {route: path_of(route, circle) for route in PAGES}
    before = read_events()
    for who in (olive, make_user(is_staff=True)):
        browser = ConsoleBrowser(who)
        for route, path in paths.items():
            response = browser.get(path)
            assert response.status_code in (200, 204, 404), route
            page = response.content.decode()
            for name in ("Reyes", "Tuesday evening", str(circle.records["ana"].id)):
                assert name not in page, (route, name)
            assert read_events() == before, route


def test_what_does_not_exist_looks_like_what_is_not_ones_own(circle: Circle, olive: User) -> None:
    browser = ConsoleBrowser(olive)
    for route in (each for each in PAGES if "<" in each):
        missing = browser.get(path_of(route))
        foreign = browser.get(path_of(route, circle))
        assert (missing.status_code, foreign.status_code) == (404, 404), route
        assert masked(missing) == masked(foreign), route


def masked(response: Any) -> str:
    """Without what differs from answer to answer."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|value=\"\w{64}\"", "", response.content.decode())


def test_every_answer_is_private_and_runs_nothing_foreign(circle: Circle) -> None:
    browser = ConsoleBrowser(circle.dana)
    for route in ROUTES:
        response = browser.get(path_of(route, circle))
        assert response["Cache-Control"] == "no-store", route
        assert response["Referrer-Policy"] == "same-origin", route
        assert response["X-Content-Type-Options"] == "nosniff", route
        assert response["Cross-Origin-Opener-Policy"] == "same-origin", route
        policies = response["Content-Security-Policy"]
        for name, sources in policy().items():
            assert f"{name} {' '.join(sources)}" in policies, route
        assert "unsafe" not in policies, route
        page = response.content.decode()
        assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=)", page), route


def test_a_form_that_says_nothing_does_nothing(circle: Circle) -> None:
    browser = ConsoleBrowser(circle.dana)
    events = AuditEvent.objects.exclude(outcome="read")
    for route in PAGES - PARTS:
        path = path_of(route, circle)
        if browser.get(path).status_code == 404:
            continue  # it needs another role
        before = events.count()
        for form in ({}, {"do": "unknown", "key": str(uuid7())}, {"do": "x", "key": "no key"}):
            response = browser.http.post(path, form, headers={"Host": HOST})
            assert response.status_code == 422, (route, response.content)
        assert events.count() == before, route
