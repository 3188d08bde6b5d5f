"""Tickets for browsers, and the AsyncAPI document of the socket."""

from __future__ import annotations

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from foundation.fields import TEXT, an_object
from foundation.http import posted
from foundation.openapi import described
from foundation.problems import Maintenance
from foundation.valkey import valkey
from recovery.limits.limit import limited
from recovery.live import allowances, tickets
from recovery.signin.authentication import authenticate, bearer_hash

ISSUED = an_object(ticket=TEXT, expires_in={"type": "integer"})


@described("live.ticket", an_object(), ISSUED)
@limited(allowances.TICKET)
@posted
def issue_ticket(request: HttpRequest) -> HttpResponse:
    """A ticket for one socket of the caller's session, valid for 30 seconds."""
    authenticate(request)
    try:
        ticket = tickets.issue(valkey(), bearer_hash(request))
    except redis.RedisError as error:
        raise Maintenance(5) from error
    return JsonResponse({"ticket": ticket, "expires_in": tickets.SECONDS})


@require_GET
def asyncapi(request: HttpRequest) -> HttpResponse:
    """Serve docs/asyncapi.yaml."""
    document = (settings.BASE_DIR / "docs" / "asyncapi.yaml").read_text()
    return HttpResponse(document, content_type="application/yaml; charset=utf-8")
