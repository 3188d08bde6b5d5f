"""How often something may be tried. Exact under any concurrency, unlike a throttle in a cache.

Counted in Valkey by one Lua script; while Valkey is away, limits on credentials are counted in
PostgreSQL and the others do what they declare. Keys are hashes: no address is stored.
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import redis
import structlog
from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac

from recovery.feed.announce import valkey
from recovery.people.errors import SlowDown

log = structlog.get_logger()

# Counts every key once; answers how many milliseconds to wait, 0 when within all limits.
SCRIPT = """
local wait = 0
for n, key in ipairs(KEYS) do
  local count = redis.call('INCR', key)
  if count == 1 then redis.call('PEXPIRE', key, ARGV[2 * n]) end
  if count > tonumber(ARGV[2 * n - 1]) then wait = math.max(wait, redis.call('PTTL', key)) end
end
return wait
"""


@dataclass(frozen=True)
class Limit:
    """At most `most` tries in each window of `per`.

    `without_valkey`: count in PostgreSQL (credentials), let all through, or let none through.
    """

    name: str
    most: int
    per: timedelta
    without_valkey: Literal["postgres", "open", "closed"] = "postgres"


@dataclass(frozen=True)
class Use:
    """One try under a limit, by whom or at what."""

    limit: Limit
    by: str = ""

    @property
    def key(self) -> bytes:
        return salted_hmac(self.limit.name, self.by, algorithm="sha256").digest()


def consume(*uses: Use, now: datetime) -> None:
    """Count this try under every limit. SlowDown: one of them is used up."""
    try:
        wait = _in_valkey(uses)
    except redis.RedisError as error:
        log.warning("limits_without_valkey", error=type(error).__name__)
        wait = _without_valkey(uses, now)
    if wait > 0:
        seconds = math.ceil(wait)
        raise SlowDown(headers={"Retry-After": str(seconds)}, retry_after_ms=seconds * 1000)


def network(request: Any) -> str:
    """Where the request comes from: the IPv4 address, or the /64 that one IPv6 customer has.

    With n trusted proxies it is the nth address from the right of X-Forwarded-For: the one
    that the outermost of them saw. What a client wrote there itself is further left.
    """
    told = request.META["REMOTE_ADDR"]
    if settings.TRUSTED_PROXIES:
        chain = request.headers.get("X-Forwarded-For", "").split(",")
        told = chain[-min(settings.TRUSTED_PROXIES, len(chain))].strip() or told
    try:
        address = ipaddress.ip_address(told)
    except ValueError:
        return "unknown"
    bits = 64 if address.version == 6 else 32
    return str(ipaddress.ip_network((address, bits), strict=False))


def _in_valkey(uses: tuple[Use, ...]) -> float:
    keys = [f"limit.{use.key.hex()}" for use in uses]
    numbers = [n for use in uses for n in (use.limit.most, _milliseconds(use.limit))]
    return int(_script()(keys=keys, args=numbers)) / 1000


def _script() -> Any:
    return valkey().register_script(SCRIPT)


def _without_valkey(uses: tuple[Use, ...], now: datetime) -> float:
    if any(use.limit.without_valkey == "closed" for use in uses):
        return 1
    counted = [use for use in uses if use.limit.without_valkey == "postgres"]
    return _in_postgres(counted, now) if counted else 0


def _in_postgres(uses: list[Use], now: datetime) -> float:
    keys = [use.key for use in uses]
    numbers = [use.limit.most for use in uses]
    windows = [use.limit.per for use in uses]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM count_attempts(%s::bytea[], %s::int[], %s::interval[], %s))",
            [keys, numbers, windows, now],
        )
        return float(cursor.fetchone()[0])


def _milliseconds(limit: Limit) -> int:
    return int(limit.per.total_seconds() * 1000)
