"""Every URL: only its own methods are taken, and a failure of ours in any of its statements says
nothing and ends nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from uuid_utils.compat import uuid7

from tests.architecture.urls import urls
from tests.cast import FakePhone, answer, make_user

pytestmark = pytest.mark.django_db
SERVED = sorted(urls(get_resolver().url_patterns))
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")
# They ask PostgreSQL nothing.
WITHOUT_STATEMENTS = {"healthz", "api/docs", "api/schema", "api/asyncapi"}
DESCRIBED = {
    re.sub(r"\{\w+\}", "{}", path.lstrip("/")): {method.upper() for method in operations}
    for path, operations in SchemaGenerator().get_schema(request=None, public=True)["paths"].items()
}
STATEMENTS = 6  # of each request in which a failure is tried
SECRET = "canary of a failure"


class Failure(Exception):
    pass


@contextmanager
def failing_at(number: int) -> Iterator[list[str]]:
    """The statement of this number fails as only a mistake of ours can. Yields the statements."""
    seen: list[str] = []

    def execute(go_on: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        seen.append(str(sql))
        if len(seen) == number:
            raise Failure(SECRET)
        return go_on(sql, *rest)

    with connection.execute_wrapper(execute):
        yield seen


def ask(caller: FakePhone, method: str, route: str) -> HttpResponse:
    path = "/" + re.sub(r"<uuid:\w+>", str(uuid7()), route)
    headers = caller.bearer | {"Idempotency-Key": str(uuid7())}
    return caller.http.generic(method, path, b"{}", "application/json", headers=headers)


@pytest.fixture
def caller(db: None) -> FakePhone:
    return FakePhone(make_user(is_staff=True))


@pytest.mark.parametrize("route", SERVED)
def test_a_failure_in_any_view_says_nothing_and_ends_nothing(route: str, caller: FakePhone) -> None:
    failed = 0
    for method in ("GET", "POST"):
        for number in range(1, STATEMENTS + 1):
            with failing_at(number) as statements:
                response = ask(caller, method, route)
            if len(statements) < number:
                break
            failed += 1
            assert SECRET not in response.content.decode() + str(response.headers)
            assert answer(response, 500) == {
                "type": "about:blank",
                "title": answer(response, 500)["title"],
                "status": 500,
                "code": "internal",
            }
        # The next request is answered as if nothing had been.
        assert ask(caller, method, route).status_code != 500
    assert (failed == 0) == (route in WITHOUT_STATEMENTS)


@pytest.mark.parametrize("route", SERVED)
def test_only_the_methods_that_are_described_are_taken(route: str, caller: FakePhone) -> None:
    described = DESCRIBED.get(re.sub(r"<\w+:\w+>", "{}", route))
    taken = {m for m in METHODS if ask(caller, m, route).status_code != 405}
    if described is not None:
        assert taken == described
    else:
        assert taken <= {"GET", "POST", "DELETE", "PUT"}
