"""uvicorn's HTTP/1.1 for the live process, where a connection becomes a socket in time or ends.

uvicorn itself has a time limit between requests, but none for a connection that sends nothing or
only half a request.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

# From the connection to the end of its handshake. All that is served besides is a health check.
SECONDS = 10.0


class Handshake(H11Protocol):
    """Given to uvicorn by its option --http."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Not close(): that waits for a client which does not read.
        self._deadline = self.loop.call_later(SECONDS, transport.abort)

    def handle_websocket_upgrade(self, event: Any) -> None:
        self._end_deadline()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_deadline()
        super().connection_lost(exc)

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
