"""Whether a connection that lay in a pool is still one. Looking at its socket costs no round trip,
unlike the pools' own check."""

from __future__ import annotations

import select
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool


def has_unasked(idle: Any) -> bool:
    """Whether the server has sent something that nobody asked for: nearly always its farewell."""
    sockets = select.poll()
    sockets.register(idle.fileno(), select.POLLIN)
    return bool(sockets.poll(0))


class AsyncPool(AsyncConnectionPool[AsyncConnection[TupleRow]]):
    """A pool that gives out no connection that PostgreSQL has ended, as when it restarts."""

    # The arguments are the pool's own.
    async def getconn(self, *arguments: Any, **named: Any) -> AsyncConnection[TupleRow]:
        while True:
            taken = await super().getconn(*arguments, **named)
            if not has_unasked(taken):
                return taken
            await taken.close()
            await self.putconn(taken)  # which makes a new one instead
