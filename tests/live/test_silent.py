"""A client that connects and does not become a socket in time is cut off. Sockets are not. What a
client does not read is not kept for it."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest
from websockets.frames import Frame, Opcode

from recovery.live.close_codes import CloseCode
from server.handshake import SECONDS
from tests.live.phones import PROTOCOL, LivePhone, closed_with, receive
from tests.live.server import LiveServer
from tests.server.http import PATIENCE, closed, connected

UPGRADE = (
    b"GET /ws/v1/live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
HALVES = {
    "silent": b"",
    "half a request line": b"GET /ws/v1",
    "half a handshake": UPGRADE,
    "half a body": b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{",
    "no hello": UPGRADE + f"Sec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n".encode(),
    "no protocol": UPGRADE + b"\r\n",
    "a long header": UPGRADE + b"X-Name: " + b"a" * 9000 + b"\r\n\r\n",
    "many headers": UPGRADE + b"X-Name: a\r\n" * 200 + b"\r\n",
    "no GET": UPGRADE.replace(b"GET", b"PUT") + b"\r\n",
    "an empty key": UPGRADE.replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"") + b"\r\n",
}


async def end_of(server: LiveServer, half: bytes) -> bytes:
    async with connected(server.http) as (reader, writer):
        writer.write(half)
        return await closed(reader)


async def drip(server: LiveServer) -> None:
    """A header that never ends, byte by byte."""
    async with connected(server.http) as (reader, writer):
        writer.write(UPGRADE + b"X-Name: ")
        end = asyncio.create_task(closed(reader))
        while not end.done():
            writer.write(b"a")
            await asyncio.wait([end], timeout=0.2)


def test_connections_that_do_not_become_a_socket_end(live: LiveServer, phone: LivePhone) -> None:
    async def all_end() -> None:
        await asyncio.gather(drip(live), *(end_of(live, half) for half in HALVES.values()))
        await asyncio.sleep(SECONDS)  # past the deadline of a connection that is a socket

    with phone.listen(live.url) as line:
        asyncio.run(all_end())
        receive(line, "h")


PINGS = Frame(Opcode.PING, b"p" * 125).serialize(mask=True) * 1000
# More than the buffers of both kernels hold.
MOST_BYTES = 64 * 2**20


@pytest.fixture
def flooder(live: LiveServer) -> Iterator[socket.socket]:
    """A connection that is a socket, has sent pings for as long as they were taken, and read none
    of the answers."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", live.port))
        line.sendall(UPGRADE + f"Sec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n".encode())
        line.settimeout(2)
        left = MOST_BYTES
        with suppress(TimeoutError, ConnectionError):
            while left > 0:
                left -= line.send(PINGS)
        assert left > 0, "the server kept all answers"
        yield line


def test_answers_to_pings_are_not_kept_for_who_does_not_read(
    flooder: socket.socket, live: LiveServer, phone: LivePhone
) -> None:
    with phone.listen(live.url) as line:
        receive(line, "h")


@pytest.mark.soak
def test_who_reads_nothing_is_cut_off(flooder: socket.socket, live: LiveServer) -> None:
    process = psutil.Process(live.process.pid)
    deadline = time.monotonic() + PATIENCE
    while any(
        c.raddr and c.raddr.port == flooder.getsockname()[1] for c in process.net_connections()
    ):
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_a_text_that_is_not_utf_8_is_a_bad_message(live: LiveServer, phone: LivePhone) -> None:
    """And no line in the log: the process checks that no traceback is there when it ends."""
    with phone.listen(live.url) as line:
        line.send(b"\xff", text=True)
        assert closed_with(line) == CloseCode.BAD_MESSAGE
