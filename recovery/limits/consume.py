"""Count requests against their limits. Exact at any concurrency, unlike a throttle in a cache.

One Lua script counts in Valkey, in one round trip. While Valkey is away, limits on credentials are
counted in PostgreSQL and the others do what they declare. Keys are hashes: neither addresses nor
user ids are stored.

Where a true credential exists, a try is counted first and given back if it was no failure: see
`failures_counted`. So no more than the limit fail, however many try at once.

For a signed-in user far from the limit, Valkey counts a few requests ahead, which this process
then lets through without asking. So no one ever gets more than the limit. A user whose requests
are spread over several processes may get a few less. Credentials are never counted ahead.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import redis
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from foundation.http import answers_problems
from foundation.postgresql import functions
from foundation.problems import SlowDown
from foundation.valkey import valkey
from recovery.limits.limit import Alarm, Limit, Use, hashed, limited
from recovery.limits.network import networks
from recovery.limits.permits import Permits

log = structlog.get_logger()
T = TypeVar("T")

# Counts each key once and stops at the first that is used up, so that a refused request does not
# count against the later keys. Returns {milliseconds to wait, or 0 if within all limits; how many
# requests it has counted ahead, at most ARGV[last]; for how many milliseconds those are valid}.
# Near a limit it counts none ahead. A counter that lives longer than its window is from before
# Valkey's clock was set back; left alone, it would refuse everybody for that much longer.
SCRIPT = """
local ahead, ends = tonumber(ARGV[2 * #KEYS + 1]), nil
for n, key in ipairs(KEYS) do
  local count, most = redis.call('INCR', key), tonumber(ARGV[2 * n - 1])
  local window = tonumber(ARGV[2 * n])
  if count == 1 or redis.call('PTTL', key) > window then redis.call('PEXPIRE', key, window) end
  if count > most then return {math.max(1, redis.call('PTTL', key)), 0, 0} end
  ahead = math.min(ahead, math.floor((most - count) / 16))
end
if ahead < 1 then return {0, 0, 0} end
for _, key in ipairs(KEYS) do
  redis.call('INCRBY', key, ahead)
  local left = redis.call('PTTL', key)
  ends = math.min(ends or left, left)
end
return {0, ahead, ends}
"""
# Takes one back from each counter that is still there. One that is at zero then goes: nothing has
# been counted since its window began. Returns nothing.
GIVE_BACK = """
for _, key in ipairs(KEYS) do
  local count = tonumber(redis.call('GET', key) or '0')
  if count > 1 then redis.call('DECR', key) else redis.call('DEL', key) end
end
"""
# Counts one and returns how many there have been in this window.
COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 or redis.call('PTTL', KEYS[1]) > tonumber(ARGV[1]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return count
"""
SHA1 = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
# After a failure, do not ask Valkey for a while: not every request should wait for a timeout.
PAUSE_SECONDS = 2.0
_of_this_process = Permits()
_away_since: WeakKeyDictionary[redis.Redis, float] = WeakKeyDictionary()


def consume(*uses: Use, now: datetime, permits: Permits = _of_this_process) -> None:
    """Count one request against every limit. Raises SlowDown if one of them is used up."""
    for use in uses:
        if use.limit.used_up_by == "network" and not use.network:
            raise ValueError(f"strangers could use up {use.limit.name}: count it by network")
    if permits.take(uses):
        return
    wait = _asking_valkey(
        lambda client: _in_valkey(client, uses, permits), lambda: _without_valkey(uses, now)
    )
    if wait > 0:
        raise SlowDown(math.ceil(wait))


def give_back(keys: Iterable[bytes], *, now: datetime) -> None:
    """Undo `consume` for these keys: the request was no failure."""
    counted = list(keys)
    _asking_valkey(
        lambda client: client.eval(GIVE_BACK, len(counted), *counted),
        lambda: functions.run("give_attempts_back", keys=counted, at=now),
    )


@contextmanager
def failures_counted(*uses: Use, now: datetime, wrong: type[Exception]) -> Iterator[None]:
    """Count a try that ends in `wrong`. Raises SlowDown if a limit is used up, before the try."""
    consume(*uses, now=now)
    is_wrong = False
    try:
        yield
    except wrong:
        is_wrong = True
        raise
    finally:
        if not is_wrong:
            give_back((use.key for use in uses), now=now)


def count(alarm: Alarm, by: str = "") -> int:
    """Count an event and return how many there were in this window, or 0 while Valkey is away.

    Logs `alarm` at the first that is too many, and each time their number has doubled.
    """
    key = f"alarm.{alarm.name}.{hashed(by)}".encode()
    milliseconds = int(alarm.per.total_seconds() * 1000)
    counted: int = _asking_valkey(
        lambda client: client.eval(COUNT, 1, key, milliseconds), lambda: 0
    )
    times, rest = divmod(counted - 1, alarm.most)
    if counted > alarm.most and rest == 0 and times & (times - 1) == 0:
        # Who or where is not logged: the line is for an operator who looks at the network.
        log.error("alarm", name=alarm.name, count=counted, seconds=milliseconds // 1000)
    return counted


def by_network(limit: Limit, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Limit a view that needs no sign-in, by the network of the client."""

    @answers_problems
    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        consume(*limit.uses(networks(request)), now=timezone.now())
        return view(request, *args, **kwargs)

    return limited((limit,))(counted)


async def is_used_up(client: Redis, *uses: Use) -> bool:
    """Like `consume`, for the live tier. While Valkey is away, nothing is limited."""
    try:
        return bool((await client.eval(SCRIPT, len(uses), *_arguments(uses, 0)))[0])
    except (redis.RedisError, OSError) as error:
        log.warning("limits_without_valkey", error=type(error).__name__)
        return False


def _asking_valkey(ask: Callable[[redis.Redis], Any], otherwise: Callable[[], T]) -> T:
    client = valkey()
    if time.monotonic() - _away_since.get(client, -math.inf) < PAUSE_SECONDS:
        return otherwise()
    try:
        answer: T = ask(client)
    except redis.RedisError as error:
        log.warning("limits_without_valkey", error=type(error).__name__)
        _away_since[client] = time.monotonic()
        return otherwise()
    return answer


def _in_valkey(client: redis.Redis, uses: tuple[Use, ...], permits: Permits) -> float:
    # Before the request, so that permits never outlive the window that counted them.
    started = time.monotonic()
    is_traffic = bool(uses) and all(use.limit.is_traffic for use in uses)
    arguments = _arguments(uses, settings.LIMITS_AHEAD if is_traffic else 0)
    try:
        counted: Any = client.evalsha(SHA1, len(uses), *arguments)
    except NoScriptError:
        counted = client.eval(SCRIPT, len(uses), *arguments)
    wait, ahead, milliseconds = counted
    permits.keep(uses, ahead, started + milliseconds / 1000)
    return int(wait) / 1000


def _arguments(uses: tuple[Use, ...], ahead: int) -> list[Any]:
    numbers = [
        number
        for use in uses
        for number in (use.limit.allowed, int(use.limit.per.total_seconds() * 1000))
    ]
    return [*(use.key for use in uses), *numbers, ahead]


def _without_valkey(uses: tuple[Use, ...], now: datetime) -> float:
    counted = [use for use in uses if use.limit.without_valkey == "postgres"]
    if not counted:
        return 0
    [(wait,)] = functions.call(
        "count_attempts",
        keys=[use.key for use in counted],
        allowed=[use.limit.allowed for use in counted],
        windows=[use.limit.per for use in counted],
        at=now,
    )
    return float(wait.total_seconds())
