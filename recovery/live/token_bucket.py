"""How many messages one phone may send: a burst of 20, then one a second."""

from __future__ import annotations

import time

BURST = 20
PER_SECOND = 1.0


class TokenBucket:
    __slots__ = ("_at", "_tokens")

    def __init__(self) -> None:
        self._tokens = float(BURST)
        self._at = time.monotonic()

    def take(self) -> bool:
        """Take a token for one message. Returns False if the bucket is empty."""
        now = time.monotonic()
        self._tokens = min(BURST, self._tokens + (now - self._at) * PER_SECOND) - 1
        self._at = now
        return self._tokens >= 0
