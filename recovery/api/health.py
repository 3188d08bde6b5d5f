"""`/healthz`: the process is alive. `/readyz`: it can serve, because PostgreSQL answers."""

import redis
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

from foundation.valkey import valkey
from recovery.limits.limit import limited


@limited(())
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


@limited(())
def readyz(request: HttpRequest) -> JsonResponse:
    """503 without PostgreSQL. A missing Valkey costs only speed, so it is only reported."""
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
