"""Tickets for browsers, and the description of the socket."""

from __future__ import annotations

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from recovery.api.errors import Problem, posted
from recovery.api.live import tickets
from recovery.feed.announce import valkey
from recovery.people.authentication import authenticate, bearer
from recovery.people.tokens import digest

NOT_NOW = Problem(
    503, "maintenance", "No live socket just now; pull.", headers={"Retry-After": "5"}
)


@posted
def issue_ticket(request: HttpRequest) -> HttpResponse:
    """A ticket for one socket of the asking session, good for 30 seconds."""
    authenticate(request)
    try:
        ticket = tickets.issue(valkey(), digest(bearer(request)))
    except redis.RedisError as error:
        raise NOT_NOW from error
    answer = JsonResponse({"ticket": ticket, "expires_in": tickets.SECONDS})
    answer["Cache-Control"] = "no-store"
    return answer


@require_GET
def asyncapi(request: HttpRequest) -> HttpResponse:
    """The AsyncAPI document of the socket, as it stands in docs/."""
    document = (settings.BASE_DIR / "docs" / "asyncapi.yaml").read_text()
    return HttpResponse(document, content_type="application/yaml; charset=utf-8")
