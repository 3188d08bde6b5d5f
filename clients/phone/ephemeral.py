"""Short-lived facts such as "is typing". They are kept in memory and expire."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from clients.phone.clock import Clock


class Ephemeral(NamedTuple):
    scope: str
    kind: str
    data: dict[str, Any]
    until: datetime


class Ephemerals:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._seen: list[Ephemeral] = []

    def receive(self, frame: dict[str, Any]) -> None:
        until = self.clock.now() + timedelta(seconds=frame["ttl"])
        self._seen.append(Ephemeral(frame["s"], frame["k"], frame["d"], until))

    def now(self, scope: str) -> list[Ephemeral]:
        """The unexpired ones of this scope, oldest first, without duplicates."""
        now = self.clock.now()
        self._seen = [each for each in self._seen if each.until > now]
        newest = {(e.kind, repr(e.data)): e for e in self._seen if e.scope == scope}
        return list(newest.values())
