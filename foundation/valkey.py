"""This process's connections to Valkey, which may be flushed or away without losing anything."""

import functools

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


@functools.cache
def valkey() -> redis.Redis:
    """One pool a process; short timeouts, for Valkey may be away and must slow nobody down."""
    return redis.Redis.from_url(
        settings.VALKEY_URL,
        socket_timeout=settings.HINT_SECONDS,
        socket_connect_timeout=settings.HINT_SECONDS,
        # Once more, at once, for a connection that a restart of Valkey has ended.
        retry=Retry(NoBackoff(), 1),
    )
