"""Tries that Valkey has counted ahead for this process, until used or until their window ends."""

from __future__ import annotations

import time
from collections.abc import Hashable
from threading import Lock


class Permits:
    """At most of `most` people; whoever asked longest ago is counted in Valkey again.

    They are the process's own memory: one that dies takes a few of somebody's tries with it.
    """

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._held: dict[Hashable, tuple[int, float]] = {}
        self._lock = Lock()

    def take(self, whose: Hashable) -> bool:
        """Use one of these; False: there is none."""
        with self._lock:
            count, until = self._take_out(whose)
            if count > 1:
                self._held[whose] = (count - 1, until)
            return count > 0

    def keep(self, whose: Hashable, count: int, until: float) -> None:
        """These are good until then, by time.monotonic()."""
        if count < 1:
            return
        with self._lock:
            known, ends = self._take_out(whose)
            self._held[whose] = (count + known, min(until, ends) if known else until)
            while len(self._held) > self._most:
                del self._held[next(iter(self._held))]

    def _take_out(self, whose: Hashable) -> tuple[int, float]:
        count, until = self._held.pop(whose, (0, 0.0))
        return (count, until) if time.monotonic() < until else (0, 0.0)
