"""Staff without a second factor can only set one up."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from tests.cast import make_user, sign_in
from tests.signin.ceremony import App

pytestmark = pytest.mark.django_db
# Public URLs: the credential is in the body, or there is nothing to protect.
OPEN = {"api/v1/enrolment", "api/v1/sessions/refresh", "api/v1/sessions/wipe-receipt"}
ALLOWED = OPEN | {"api/v1/sessions/sign-out"}


def routes(patterns: list[Any], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


API = sorted(r for r in routes(get_resolver().url_patterns) if r.startswith("api/v1/"))


def filled(route: str) -> str:
    while "<" in route:
        start, end = route.index("<"), route.index(">")
        route = route[:start] + str(uuid.uuid4()) + route[end + 1 :]
    return route


@pytest.mark.parametrize("route", [route for route in API if route not in ALLOWED])
def test_staff_without_a_second_factor_are_refused(route: str) -> None:
    app = App(sign_in(make_user(is_staff=True), now=timezone.now(), methods=["enrolment_code"]))
    headers = {
        "Authorization": f"Bearer {app.tokens['access_token']}",
        "Idempotency-Key": str(uuid.uuid4()),
    }
    answers = [
        app.http.generic(method, f"/{filled(route)}", b"{}", "application/json", headers=headers)
        for method in ("GET", "POST")
    ]
    refused = [answer for answer in answers if answer.status_code != 405]
    assert refused
    assert {answer.json()["code"] for answer in refused} == {"second_factor_required"}


@pytest.mark.parametrize("route", sorted(OPEN))
def test_a_public_url_requires_its_own_credential(route: str) -> None:
    answer = App().http.post(f"/{route}", {}, "application/json")
    assert answer.status_code == 400
