"""uvicorn's HTTP/1.1 and WebSocket for the live process: a connection becomes a socket in time or
ends, and what a client does not read is not kept for it.

uvicorn itself has a time limit between requests, but none for a connection that sends nothing or
only half a request, and none for what it answers to pings.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

# From the connection to the end of its handshake. All that is served besides is a health check.
SECONDS = 10.0
# A connection that takes nothing of what waits for it ends. A socket that is closed would otherwise
# wait forever for a client that does not read.
UNREAD_SECONDS = 30


class Handshake(H11Protocol):
    """Given to uvicorn by its option --http."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # on Linux
            line = transport.get_extra_info("socket")
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_SECONDS * 1000)
        # Not close(): that waits for a client which does not read.
        self._deadline = self.loop.call_later(SECONDS, transport.abort)

    def handle_websocket_upgrade(self, event: Any) -> None:
        self._end_deadline()
        super().handle_websocket_upgrade(event)
        protocol = self.transport.get_protocol()
        if isinstance(protocol, Socket) and not protocol.handshake_initiated:
            # A request that h11 understands and websockets does not, such as one with a long
            # header, would be neither answered nor closed.
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_deadline()
        super().connection_lost(exc)

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Socket(WebSocketsSansIOProtocol):
    """Given to uvicorn by its option --ws."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.writable.is_set() and not self.transport.is_closing():
            # Each ping is answered, and a client that does not read could have us keep any number
            # of answers.
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def send_receive_event_to_app(self) -> None:
        # A text that is not UTF-8 is refused as bytes are. uvicorn would log a traceback.
        if self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames)):
            self.curr_msg_data_type = "bytes"
        super().send_receive_event_to_app()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
