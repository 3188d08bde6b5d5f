"""Every way in which a request can fail, as an RFC 9457 problem document, in one table.

A stranger gets the same 404 whether or not the thing exists. A 4xx says what to do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from psycopg_pool import PoolTimeout
from rest_framework import exceptions as drf
from rest_framework.views import set_rollback

from recovery.actions import errors as actions
from recovery.people import errors as people

log = structlog.get_logger()


@dataclass(frozen=True)
class Problem(Exception):  # named after RFC 9457
    """A failure that is already its own answer."""

    status: int
    code: str
    title: str
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> HttpResponse:
        body = {"type": "about:blank", "title": self.title, "status": self.status}
        answer = JsonResponse(body | {"code": self.code} | self.more)
        answer.status_code = self.status
        answer["Content-Type"] = "application/problem+json"
        answer["Cache-Control"] = "no-store"
        for name, value in self.headers.items():
            answer[name] = value
        return answer


def _challenge(error: people.Problem) -> dict[str, str]:
    return {"WWW-Authenticate": "Bearer"} if error.status_code == 401 else {}


Read = Callable[[Any], Problem]
NOT_FOUND = Problem(404, "not_found", "There is no such thing, or not for you.")
BUSY = Problem(
    503, "maintenance", "Not available just now; try again.", headers={"Retry-After": "2"}
)
TABLE: dict[type[BaseException], Read] = {
    actions.Invalid: lambda e: Problem(400, "invalid", str(e), {"errors": e.errors}),
    actions.NotFound: lambda e: NOT_FOUND,
    actions.UnknownAction: lambda e: NOT_FOUND,
    actions.TooNew: lambda e: BUSY,
    actions.NotAllowed: lambda e: Problem(403, "not_allowed", "You may not do this."),
    actions.Refused: lambda e: Problem(409, e.code, e.detail, {"current": e.current}),
    actions.NotReady: lambda e: Problem(409, e.code, e.detail, {"missing": e.missing}),
    actions.KeyReused: lambda e: Problem(
        422, "key_reused", "This key was used for another request."
    ),
    actions.InProgress: lambda e: Problem(
        409, "in_progress", "Still being done; ask again.", {"retry_after_ms": 1000}
    ),
    actions.ClientUnknown: lambda e: Problem(404, "client_unknown", "Register this phone again."),
    actions.ClientForked: lambda e: Problem(
        409, "client_forked", "This phone is a copy of another; register it."
    ),
    actions.MutationGap: lambda e: Problem(
        409, "mutation_gap", "Earlier mutations are missing.", {"expected": e.expected}
    ),
    Http404: lambda e: NOT_FOUND,
    PermissionDenied: lambda e: Problem(403, "not_allowed", "You may not do this."),
    RequestDataTooBig: lambda e: Problem(413, "too_large", "Send less at once."),
    people.Problem: lambda e: Problem(
        e.status_code, e.code, str(e.default_detail), e.extra, e.headers | _challenge(e)
    ),
    drf.ValidationError: lambda e: Problem(400, "invalid", "Not valid.", {"errors": e.detail}),
    drf.ParseError: lambda e: Problem(400, "malformed", "The body is not JSON."),
    drf.MethodNotAllowed: lambda e: Problem(405, "method_not_allowed", "Use another method."),
    drf.UnsupportedMediaType: lambda e: Problem(415, "not_json", "Send application/json."),
    drf.NotAcceptable: lambda e: Problem(406, "not_acceptable", "Only JSON is spoken here."),
    drf.NotAuthenticated: lambda e: Problem(401, "not_signed_in", "Sign in first."),
    drf.PermissionDenied: lambda e: Problem(403, "not_allowed", "You may not do this."),
    drf.NotFound: lambda e: NOT_FOUND,
    OperationalError: lambda e: BUSY,
    PoolTimeout: lambda e: BUSY,
}


def problem_of(error: BaseException) -> Problem | None:
    """The problem document of `error`, or None for the unexpected."""
    if isinstance(error, Problem):
        return error
    for kind in type(error).__mro__:
        if kind in TABLE:
            return TABLE[kind](error)
    return None


def problem(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler."""
    known = problem_of(error)
    set_rollback()
    return known.response() if known else None


def answers_problems(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The same for the plain views of the hot paths."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Exception as error:
            known = problem_of(error)
            if known is None:
                raise
            return known.response()

    return wrapped


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A plain view that is asked by POST and carries no cookie that could be abused."""

    @csrf_exempt
    @answers_problems
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            raise Problem(405, "method_not_allowed", "Use POST.", headers={"Allow": "POST"})
        return view(request, *args, **kwargs)

    return wrapped


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return NOT_FOUND.response()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return Problem(400, "malformed", "The request is malformed.").response()


def unexpected(request: HttpRequest) -> HttpResponse:
    return Problem(500, "internal", "Something is wrong on our side.").response()
