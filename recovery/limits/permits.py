"""Requests that Valkey has counted ahead for this process, until they are used or expire."""

from __future__ import annotations

import time
from collections.abc import Hashable
from threading import Lock


class Permits:
    """Permits for at most `most` keys; beyond that, the least recently used ones are dropped.

    They live in the memory of the process. If it dies, its users lose a few requests.
    """

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._held: dict[Hashable, tuple[int, float]] = {}
        self._lock = Lock()

    def take(self, key: Hashable) -> bool:
        """Use one permit. Returns False if there is none."""
        with self._lock:
            count, until = self._take_out(key)
            if count > 1:
                self._held[key] = (count - 1, until)
            return count > 0

    def keep(self, key: Hashable, count: int, until: float) -> None:
        """Add `count` permits. `until`: when they expire, by time.monotonic()."""
        if count < 1:
            return
        with self._lock:
            known, ends = self._take_out(key)
            self._held[key] = (count + known, min(until, ends) if known else until)
            while len(self._held) > self._most:
                del self._held[next(iter(self._held))]

    def _take_out(self, key: Hashable) -> tuple[int, float]:
        count, until = self._held.pop(key, (0, 0.0))
        return (count, until) if time.monotonic() < until else (0, 0.0)
