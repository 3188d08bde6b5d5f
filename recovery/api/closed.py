"""The answer to every request while this installation is closed, for maintenance or because it has
moved. Nothing is written then. No token is renewed either: the new home would not know it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from foundation.http import answer
from foundation.problems import HomeMoved, Maintenance, Problem

PUBLIC = ("/api/v1/", "/auth/")


class Closed:
    """Middleware. An open installation does not load it at all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        problem = reason()
        if problem is None:
            raise MiddlewareNotUsed
        self.reason: Problem = problem

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(PUBLIC):
            return answer(self.reason)
        return self.get_response(request)


def reason() -> Problem | None:
    """Why the installation is closed, or None if it is open."""
    if settings.HOME_MOVED_TO:
        return HomeMoved(url=settings.HOME_MOVED_TO)
    if settings.MAINTENANCE:
        return Maintenance(settings.MAINTENANCE)
    return None
