"""The cache in which allauth records used TOTP codes: shared by all processes, and exact.

It only answers "is this the first time?". It is built on the limits, so that a code is accepted
only once even while Valkey is away. It cannot cache data.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.utils import timezone

from foundation.problems import SlowDown
from recovery.limits.consume import consume
from recovery.limits.limit import Limit, Use


class OnceCache(BaseCache):
    """`add` succeeds once within `timeout` seconds. No value is stored."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> bool:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        once = Limit("once", 1, timedelta(seconds=seconds or 0), "holder")
        try:
            consume(Use(once, str(key)), now=timezone.now())
        except SlowDown:
            return False
        return True

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        return default

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> None:
        return None

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        return False

    def delete(self, key: Any, version: Any = None) -> bool:
        return False

    def clear(self) -> None:
        return None
