"""The process's connections to Valkey. Nothing is lost if it is flushed or unavailable."""

import functools

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


@functools.cache
def valkey() -> redis.Redis:
    """One pool per process. Short timeouts, so that requests stay fast while Valkey is away."""
    return redis.Redis.from_url(
        settings.VALKEY_URL,
        socket_timeout=settings.HINT_SECONDS,
        socket_connect_timeout=settings.HINT_SECONDS,
        # Retry once, at once: a restart of Valkey leaves dead connections in the pool.
        retry=Retry(NoBackoff(), 1),
    )
