"""`/healthz`: the process is alive. `/readyz`: it can serve, because PostgreSQL answers."""

import redis
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from psycopg_pool import PoolTimeout

from foundation.valkey import valkey
from recovery.limits.limit import limited


@limited(())
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


@limited(())
def readyz(request: HttpRequest) -> JsonResponse:
    """503 without PostgreSQL. A missing Valkey costs only speed, so it is only reported."""
    database, hints = _database(), _valkey()
    body = {"postgresql": database, "valkey": hints}
    return JsonResponse(body, status=200 if database == "up" else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (Error, PoolTimeout):
        return "down"
    return "up"


def _valkey() -> str:
    try:
        valkey().ping()
    except redis.RedisError:
        return "down"
    return "up"
