"""A client that connects and does not become a socket in time is cut off. Sockets are not."""

from __future__ import annotations

import asyncio

from server.handshake import SECONDS
from tests.live.phones import PROTOCOL, LivePhone, receive
from tests.live.server import LiveServer
from tests.server.http import closed, connected

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
