"""Until when nobody sends: shared by all pumps through one small table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime


class Pauses:
    """What this pump knows of the table, by name: "fcm", "fcm:ios", ..., "mail"."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}

    def learn(self, rows: Iterable[tuple[str, datetime]]) -> None:
        """What the table says now, an operator's deletions included."""
        self._until = dict(rows)

    def extend(self, name: str, until: datetime) -> bool:
        """Pause, unless it is paused for longer already; answers whether this was news."""
        if name in self._until and until <= self._until[name]:
            return False
        self._until[name] = until
        return True

    def until(self, *names: str, now: datetime) -> datetime | None:
        """When the last of these pauses ends, or None."""
        ends = [end for name in names if (end := self._until.get(name)) and end > now]
        return max(ends, default=None)
