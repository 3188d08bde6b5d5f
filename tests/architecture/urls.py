"""Every URL that the server knows."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver


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
