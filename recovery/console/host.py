"""The console has a host name of its own, so that it shares no cookie with the phone app."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

URLS = "recovery.console.urls"


class ConsoleHost:
    """Middleware: at the console's host there are the console's pages and nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.CONSOLE_URL:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.host = urlsplit(settings.CONSOLE_URL).netloc

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.get_host() == self.host:
            request.urlconf = URLS
        return self.get_response(request)
