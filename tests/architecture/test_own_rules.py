"""tools/checks/rules.yml names files that exist, and no view is open that should not be.

A rule that leaves out a file by its old name, or looks for one way to write an open view, guards
less than it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from recovery.webapp import urls as webapp

ROOT = Path(__file__).parents[2]
RULES: list[dict[str, Any]] = yaml.safe_load((ROOT / "tools/checks/rules.yml").read_text())["rules"]
FOLDERS = ("recovery", "notifications", "foundation", "server", "tools", "tests", "clients")
FILES = [
    str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")
]
# Who calls these is not known yet, or proves it in the body.
OPEN = {
    "/healthz",
    "/readyz",
    "/api/schema",
    "/api/docs",
    "/api/asyncapi",
    "/api/documents",
    "/api/problems",
    "/api/v1/enrolment",
    "/api/v1/sessions/refresh",
    "/api/v1/sessions/wipe-receipt",
}
# The phone app's own files hold nothing about anyone: tests/webapp/test_served.py.
OF_THE_APP = {"/" + str(each.pattern).lstrip("^") for each in webapp.urlpatterns}
CEREMONY = "/auth/app/v1/"  # allauth's, where people sign in
ID = "018f0000-0000-7000-8000-000000000001"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_each_path_in_a_rule_exists(rule: dict[str, Any]) -> None:
    paths = rule.get("paths", {})
    for pattern in [*paths.get("include", []), *paths.get("exclude", [])]:
        assert any(fnmatch(name, pattern) for name in FILES), pattern


def routes(patterns: Any = None, before: str = "/") -> Iterator[tuple[str, URLPattern]]:
    for entry in patterns or get_resolver().url_patterns:
        path = before + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, path)
        else:
            yield path, entry


def url(route: str) -> str:
    """The route with an id in place of each parameter."""
    parts = [ID if part.startswith("<") else part for part in route.split("/")]
    return "/".join(parts).rstrip("$")


@pytest.mark.django_db
def test_every_other_route_asks_who_calls() -> None:
    client, admitted = Client(raise_request_exception=False), set()
    for route, _ in routes():
        path = url(route)
        if path.startswith(CEREMONY) or route in OF_THE_APP:
            continue
        answers = [client.get(path), client.post(path, "{}", content_type="application/json")]
        if not {answer.status_code for answer in answers} <= {401, 405}:
            admitted.add(path)
    assert admitted <= OPEN
