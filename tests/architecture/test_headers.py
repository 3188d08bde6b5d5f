"""Every URL, whatever it answers: nobody may keep it, and it says what it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_resolver

from tests.architecture.urls import url_of, urls
from tests.cast import FakePhone, make_user

pytestmark = pytest.mark.django_db
SERVED = urls(get_resolver().url_patterns)
OTHERS = ("no/such/url", "api/v1/no/such/url", "static/no-such-file.js", "%ff%00")
POLICY = {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"}
FORMS = {"form-action 'none'", "form-action 'self'"}
HAS_CHARSET = ("text/", "application/javascript", "application/yaml")


def check(response: Any, *, may_be_cached: bool = False) -> None:
    headers = {name.lower(): value for name, value in response.headers.items()}
    assert may_be_cached or headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    policy = set(headers["content-security-policy"].split("; "))
    assert policy >= POLICY
    assert policy & FORMS
    media_type = headers.get("content-type", "")
    assert media_type or not response.content
    if media_type.startswith(HAS_CHARSET):
        assert media_type.endswith("charset=utf-8")


@pytest.mark.parametrize("route", [*sorted(SERVED), *OTHERS])
def test_every_response(route: str) -> None:
    stranger = Client(raise_request_exception=False)
    is_static = route.startswith("static/")
    for ask in (stranger.get, stranger.post, stranger.delete):
        response = ask(url_of(route))
        check(response, may_be_cached=is_static and response.status_code < 400)


def test_the_answers_to_signed_in_people() -> None:
    caller = FakePhone(make_user(is_staff=True))
    for route in sorted(route for route in SERVED if "actions/" not in route):
        response = caller.get(url_of(route))
        check(response)
        assert response.status_code < 500


@pytest.mark.django_db
def test_a_failure_of_ours() -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    with connection.execute_wrapper(fail):
        response = Client(raise_request_exception=False).get("/readyz")
    assert response.status_code == 500
    check(response)


@pytest.mark.parametrize("changed", [{"ALLOWED_HOSTS": ["other.example.org"]}])
def test_a_host_that_is_not_ours(settings: Any, changed: dict[str, Any]) -> None:
    for name, value in changed.items():
        setattr(settings, name, value)
    response = Client().get("/healthz")
    assert response.status_code in (200, 400)
    check(response)


def test_the_page_of_the_documentation_loads_only_what_is_ours() -> None:
    response = Client().get("/api/docs")
    check(response)
    scripts = re.findall(r"<script[^>]*>", response.content.decode())
    assert scripts
    assert all('src="/' in script for script in scripts)
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_over_tls_browsers_stay_with_tls(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    assert Client().get("/healthz", secure=True)["Strict-Transport-Security"] == "max-age=31536000"


def test_no_other_place_decides_about_caches(settings: Any) -> None:
    root: Path = settings.BASE_DIR
    places = [
        str(file.relative_to(root))
        for folder in ("foundation", "recovery", "notifications")
        for file in root.glob(f"{folder}/**/*.py")
        if re.search("cache-control", file.read_text(), re.IGNORECASE)
    ]
    assert places == ["foundation/headers.py"]
