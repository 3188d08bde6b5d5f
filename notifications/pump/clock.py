"""The database's clock, the only one that decides what is due and which leases have ended."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class DatabaseClock:
    """Set once per pass; in between it advances with this machine's monotonic clock."""

    def __init__(self) -> None:
        self.set(datetime.now(UTC))

    def set(self, now: datetime) -> None:
        self._then, self._started = now, time.monotonic()

    def now(self) -> datetime:
        return self._then + timedelta(seconds=time.monotonic() - self._started)
