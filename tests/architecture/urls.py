"""Every URL that the server knows."""

from __future__ import annotations

import re
from typing import Any

from django.urls import URLPattern, URLResolver
from uuid_utils.compat import uuid7

from recovery.webapp.urls import PAGES

# The phone app's own: they are the same for everyone and ask PostgreSQL nothing.
WEB_APP = {"", "sw.js", "manifest.webmanifest", PAGES}


def urls(patterns: list[Any], before: str = "") -> dict[str, Any]:
    """Each URL's route and its view."""
    routes: dict[str, Any] = {}
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            routes |= urls(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            routes[path] = pattern.callback
    return routes


def url_of(route: str) -> str:
    """A URL of this route, about things that do not exist."""
    return "/tools/now" if route == PAGES else "/" + re.sub(r"<uuid:\w+>", str(uuid7()), route)
