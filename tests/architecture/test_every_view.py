"""Every URL: only its own methods are taken, and a failure of ours in any of its statements says
nothing and ends nothing."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from uuid_utils.compat import uuid7

from foundation.problems import Internal
from recovery.signin.wipe_receipts import wipe_receipt
from tests.architecture.urls import WEB_APP, url_of, urls
from tests.cast import FakePhone, answer, make_user
from tests.signin.ceremony import DEVICE

pytestmark = pytest.mark.django_db
SERVED = sorted(urls(get_resolver().url_patterns))
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")
# They ask PostgreSQL nothing.
WITHOUT_STATEMENTS = {
    *WEB_APP, "healthz", "api/schema", "api/asyncapi", "api/documents", "api/problems",
}  # fmt: skip
DESCRIBED = {
    re.sub(r"\{\w+\}", "{}", path.lstrip("/")): {method.upper() for method in operations}
    for path, operations in SchemaGenerator().get_schema(request=None, public=True)["paths"].items()
}
# About the API and the process, not part of the API.
DESCRIBED_ELSEWHERE = {"readyz", "api/docs", *WITHOUT_STATEMENTS}
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
    # Who asks for a code is not signed in.
    bearer = {} if route.endswith("code/request") else caller.bearer
    headers = bearer | {"Idempotency-Key": str(uuid7())}
    body = json.dumps(body_for(caller, route)).encode()
    return caller.http.generic(method, url_of(route), body, "application/json", headers=headers)


def body_for(caller: FakePhone, route: str) -> dict[str, Any]:
    """What those URLs need before they ask PostgreSQL anything. The others need nothing."""
    session = uuid.UUID(caller.tokens["session"])
    bodies: dict[str, dict[str, Any]] = {
        "api/v1/enrolment": {"code": "7QMX-2RTA-9WPF", "install": "i" * 16, "device": DEVICE},
        "api/v1/sessions/refresh": {"refresh_token": caller.tokens["refresh_token"]},
        "api/v1/sessions/wipe-receipt": {"receipt": wipe_receipt(session, caller.user.id)},
        "auth/app/v1/auth/code/request": {"email": "nobody@example.org"},
    }
    return bodies.get(route, {})


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
            assert answer(response, 500) == Internal().document()
        # The next request is answered as if nothing had been.
        assert ask(caller, method, route).status_code != 500
    assert (failed == 0) == (route in WITHOUT_STATEMENTS)


@pytest.mark.parametrize("route", SERVED)
def test_only_the_methods_that_are_described_are_taken(route: str, caller: FakePhone) -> None:
    described = DESCRIBED.get(re.sub(r"<\w+:\w+>", "{}", route))
    taken = {m for m in METHODS if ask(caller, m, route).status_code != 405}
    if route.startswith("auth/"):
        # The library looks at the ceremony first, and answers that there is none.
        refused = [ask(caller, method, route).status_code for method in ("PATCH", "TRACE")]
        assert set(refused) <= {400, 401, 405, 409, 429}
    elif route in DESCRIBED_ELSEWHERE:
        assert taken <= {"GET"}
    else:
        assert taken == described
