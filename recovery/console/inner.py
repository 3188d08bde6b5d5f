"""Ask the API's own sign-in endpoints, with their limits and traces, on behalf of a page's form."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from allauth.account.middleware import AccountMiddleware
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch

from foundation.http import answers_problems

# All that those endpoints read of a request besides its body.
KEPT = (
    "REMOTE_ADDR",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_HOST",
    "SERVER_NAME",
    "SERVER_PORT",
    "HTTP_X_FORWARDED_PROTO",
    "wsgi.url_scheme",
)


@dataclass(frozen=True)
class Answer:
    """`body` is empty where the endpoint says nothing."""

    status: int
    body: dict[str, Any]

    @property
    def is_ok(self) -> bool:
        return self.status < 300

    @property
    def meta(self) -> dict[str, Any]:
        """allauth's: the token of the ceremony, or those of the session."""
        return dict(self.body.get("meta") or {})

    @property
    def sentence(self) -> str:
        """Why it was refused, for a person."""
        errors = self.body.get("errors")
        if isinstance(errors, dict) and errors:
            [first, *_] = errors.values()
            return str(first[0] if isinstance(first, list) else first)
        return str(self.body.get("title", ""))


def ask(
    request: HttpRequest,
    view: Callable[..., HttpResponse],
    body: dict[str, Any] | None = None,
    *,
    ceremony: str = "",
    token: str = "",
    query: str = "",
) -> Answer:
    """What `view` answers to this body, or to a GET without one. `ceremony`, `token`: whose
    request it is."""
    sent = json.dumps(body).encode() if body is not None else b""
    environ = {name: request.META[name] for name in KEPT if name in request.META} | {
        "REQUEST_METHOD": "GET" if body is None else "POST",
        "PATH_INFO": request.path_info,
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(sent)),
        "wsgi.input": BytesIO(sent),
    }
    if ceremony:
        environ["HTTP_X_SESSION_TOKEN"] = ceremony
    if token:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    inner = WSGIRequest(environ)
    # The limits of a signed-in request are those of its view.
    inner.resolver_match = ResolverMatch(view, (), {})
    response = AccountMiddleware(answers_problems(view))(inner)
    if hasattr(response, "render"):
        response.render()
    return Answer(response.status_code, json.loads(response.content or b"{}"))
