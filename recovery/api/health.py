"""`/healthz`: the process is alive. `/readyz`: it can serve, because PostgreSQL answers.

Anybody may ask the first, because it says nothing about the inside.
"""

import ipaddress

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from foundation.http import answers_problems
from foundation.problems import NotFound
from foundation.valkey import valkey
from recovery.limits.limit import limited


@limited(())
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


@limited(())
@require_safe
@answers_problems
def readyz(request: HttpRequest) -> JsonResponse:
    """503 without PostgreSQL. A missing Valkey costs only speed, so it is only reported.

    404 for clients that are not in READYZ_FROM, and for everything that comes through a proxy.
    """
    if not _is_from_inside(request):
        raise NotFound
    body = {"postgresql": "up", "valkey": "up"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        body["postgresql"] = "down"
    try:
        valkey().ping()
    except redis.RedisError:
        body["valkey"] = "down"
    return JsonResponse(body, status=200 if body["postgresql"] == "up" else 503)


def _is_from_inside(request: HttpRequest) -> bool:
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        address = ipaddress.ip_address(request.META["REMOTE_ADDR"])
    except ValueError:
        return False
    return any(address in network for network in settings.READYZ_FROM)
