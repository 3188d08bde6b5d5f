"""A cheap websocket client: it reads unfragmented text frames and parses nothing."""

from __future__ import annotations

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from urllib.parse import urlsplit

OnFrame = Callable[[bytes], None]
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Refused(ConnectionError):
    """The server closed the socket before its hello, with this close code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class Listener(asyncio.Protocol):
    """Calls `on_frame` with each text frame. `opened` resolves to the server's hello, `closed` to
    the close code once the connection has ended, or to 0 if there was none."""

    def __init__(self, handshake: bytes, first: bytes, on_frame: OnFrame) -> None:
        self.handshake = handshake
        self.first = first
        self.on_frame = on_frame
        self.buffer = bytearray()
        self.accepted = False
        self.code = 0
        self.opened: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.handshake)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.accepted and not self._accept():
            return
        while (frame := self._frame()) is not None:
            self._take(*frame)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(exc or Refused(self.code))
        self.closed.set_result(self.code)

    def _accept(self) -> bool:
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        if not self.buffer.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(bytes(self.buffer[:end]).decode())
        del self.buffer[: end + 4]
        self.accepted = True
        self.transport.write(masked(TEXT, self.first))
        return True

    def _frame(self) -> tuple[int, bytes] | None:
        """The next complete frame: our servers send frames unmasked and unfragmented."""
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1], 2
        if size == 126:
            start = 4
            size = int.from_bytes(buffer[2:4]) if len(buffer) >= 4 else len(buffer)
        elif size == 127:
            start = 10
            size = int.from_bytes(buffer[2:10]) if len(buffer) >= 10 else len(buffer)
        if len(buffer) < start + size:
            return None
        frame = buffer[0] & 15, bytes(buffer[start : start + size])
        del buffer[: start + size]
        return frame

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == TEXT and self.opened.done():
            self.on_frame(payload)
        elif kind == TEXT:
            self.opened.set_result(payload)
        elif kind == PING:
            self.transport.write(masked(PONG, payload))
        elif kind == CLOSE:
            self.code = int.from_bytes(payload[:2])
            self.transport.close()


async def listen(url: str, token: str, hello: bytes, on_frame: OnFrame) -> Listener:
    """Open a socket, send `hello` and wait for the server's hello."""
    address = urlsplit(url)
    key = base64.b64encode(os.urandom(16)).decode()
    handshake = (
        f"GET {address.path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: recovery.sync.v1\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    _, listener = await asyncio.get_running_loop().create_connection(
        lambda: Listener(handshake.encode(), hello, on_frame),
        address.hostname or "",
        address.port or 0,
    )
    await listener.opened
    return listener


def masked(kind: int, payload: bytes) -> bytes:
    """A client's frame, which must be masked. The mask is all zeros: legal, and free to apply."""
    assert len(payload) < 65536
    size = (
        bytes([0x80 | len(payload)])
        if len(payload) < 126
        else struct.pack("!BH", 0xFE, len(payload))
    )
    return bytes([0x80 | kind]) + size + b"\0\0\0\0" + payload
