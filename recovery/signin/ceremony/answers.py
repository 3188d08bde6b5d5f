"""allauth's failures as problem documents, with the `data` and `meta` that a ceremony goes on
with."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse

from foundation.http import answer
from foundation.problems import (
    Internal,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NoSignIn,
    NotAllowed,
    NotSetUp,
    NotSignedIn,
    Problem,
    SignInUnfinished,
    SlowDown,
)

A_MINUTE = 60
PLAIN: dict[int, type[Problem]] = {403: NotAllowed, 404: NotSetUp, 405: MethodNotAllowed}


def as_problem(response: HttpResponse) -> HttpResponse:
    """A success as it is. Anything else as the problem that it is."""
    if response.status_code < 400:
        return response
    body: dict[str, Any] = json.loads(response.content or b"{}")
    problem = _problem(response.status_code, body)
    if "Allow" in response:
        problem.headers["Allow"] = response["Allow"]
    problem.members |= {name: body[name] for name in ("data", "meta") if name in body}
    return answer(problem)


def _problem(status: int, body: dict[str, Any]) -> Problem:
    errors: dict[str, list[str]] = {}
    for error in body.get("errors", ()):
        errors.setdefault(error.get("param", "body"), []).append(error["message"])
    match status:
        case 400:
            return Invalid(errors) if errors else Malformed()
        case 401:
            flows = body.get("data", {}).get("flows", ())
            is_pending = any(flow.get("is_pending") for flow in flows)
            return SignInUnfinished() if is_pending else NotSignedIn()
        case 409 | 410:
            return NoSignIn(errors=errors) if errors else NoSignIn()
        case 429:
            return SlowDown(A_MINUTE)
    return PLAIN.get(status, Internal)()
