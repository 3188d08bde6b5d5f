"""Turn failures into HTTP responses, RFC 9457 problem documents. Nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError, ProgrammingError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from psycopg.errors import InsufficientPrivilege
from rest_framework import exceptions as drf

from foundation.problems import (
    Internal,
    Invalid,
    Maintenance,
    Malformed,
    MethodNotAllowed,
    NotAcceptable,
    NotAllowed,
    NotFound,
    NotJson,
    NotSignedIn,
    Problem,
    TooLarge,
)

# What Django, DRF and psycopg raise → our Problem.
FOREIGN: dict[type[BaseException], Callable[[Any], Problem]] = {
    Http404: lambda _: NotFound(),
    PermissionDenied: lambda _: NotAllowed(),
    RequestDataTooBig: lambda _: TooLarge(),
    drf.ValidationError: lambda error: Invalid(error.detail),
    drf.ParseError: lambda _: Malformed(),
    drf.MethodNotAllowed: lambda _: MethodNotAllowed(),
    drf.UnsupportedMediaType: lambda _: NotJson(),
    drf.NotAcceptable: lambda _: NotAcceptable(),
    drf.NotAuthenticated: lambda _: NotSignedIn(),
    drf.PermissionDenied: lambda _: NotAllowed(),
    drf.NotFound: lambda _: NotFound(),
    OperationalError: lambda _: Maintenance(),
}


def problem_of(error: BaseException) -> Problem | None:
    """`error` as a Problem, or None for an unexpected error, which is a bug."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ProgrammingError) and isinstance(error.__cause__, InsufficientPrivilege):
        # A membership has ended while the request ran. What one may not see does not exist.
        return NotFound()
    for kind in type(error).__mro__:
        if kind in FOREIGN:
            return FOREIGN[kind](error)
    return None


def answer(problem: Problem) -> HttpResponse:
    response = JsonResponse(problem.document())
    response.status_code = problem.status
    response["Content-Type"] = "application/problem+json"
    if problem.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    for name, value in problem.headers.items():
        response[name] = value
    return response


def json_response(text: str) -> HttpResponse:
    """An answer that is JSON already."""
    return HttpResponse(text, content_type="application/json")


def drf_exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's EXCEPTION_HANDLER."""
    problem = problem_of(error)
    return answer(problem) if problem else None


def answers_problems(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For plain views: turn exceptions into problem documents."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                raise
            return answer(problem)

    return wrapped


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A plain view for POST only. Exempt from CSRF checks, because it reads no cookies."""

    @csrf_exempt
    @answers_problems
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            raise MethodNotAllowed(headers={"Allow": "POST"})
        return view(request, *args, **kwargs)

    return wrapped


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(Malformed())


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(NotFound())


def handler500(request: HttpRequest) -> HttpResponse:
    return answer(Internal())
