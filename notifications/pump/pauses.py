"""Pauses in sending. All pumps share them through one small table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool

from notifications.pump import store

log = structlog.get_logger()


class Pauses:
    """This pump's copy of the table, by name: "fcm", "fcm:ios", ..., "mail"."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}

    def learn(self, rows: Iterable[tuple[str, datetime]]) -> None:
        """Replace the copy with what the table has now. An operator may have deleted rows."""
        self._until = dict(rows)

    def extend(self, name: str, until: datetime) -> bool:
        """Pause until `until`. Returns False if it is already paused for at least that long."""
        if name in self._until and until <= self._until[name]:
            return False
        self._until[name] = until
        return True

    async def share(
        self, pool: AsyncConnectionPool, name: str, until: datetime, reason: str
    ) -> None:
        """Tell all pumps about a pause."""
        try:
            async with pool.connection() as conn:
                await store.pause(conn, name, until, reason)
        except psycopg.Error as error:
            # The other pumps will get the same answer from the service. The caller still has to
            # write the results of its batch, or what was sent would be sent again.
            log.warning("pump.pause_not_shared", name=name, error=type(error).__name__)

    def until(self, *names: str, now: datetime) -> datetime | None:
        """When the last of these pauses ends, or None if nothing is paused."""
        ends = [end for name in names if (end := self._until.get(name)) and end > now]
        return max(ends, default=None)
