"""How much one phone may say: a burst of 20 messages, then one a second."""

from __future__ import annotations

import time

BURST = 20
PER_SECOND = 1.0


class Patience:
    __slots__ = ("_at", "_left")

    def __init__(self) -> None:
        self._left = float(BURST)
        self._at = time.monotonic()

    def is_exhausted(self) -> bool:
        """Count one message; True: that was one too many."""
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._at) * PER_SECOND) - 1
        self._at = now
        return self._left < 0
