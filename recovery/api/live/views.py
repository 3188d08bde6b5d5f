"""Tickets for browsers."""

from __future__ import annotations

import redis
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from recovery.api.errors import Problem, answers_problems
from recovery.api.live import tickets
from recovery.feed.announce import valkey
from recovery.people.authentication import authenticate, bearer
from recovery.people.tokens import digest

NOT_NOW = Problem(
    503, "maintenance", "No live socket just now; pull.", headers={"Retry-After": "5"}
)


@csrf_exempt
@require_POST
@answers_problems
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
