"""Raw connections to a server on loopback, for requests that no HTTP client would send."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

# Enough for a busy machine; nothing here measures speed.
PATIENCE = 90.0

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(home: str, *, window: int = 0, own: str = "") -> AsyncIterator[Line]:
    """A connection. `window`: bytes of its receive buffer, for a client that reads slowly. `own`:
    the address that it comes from."""
    address = urlsplit(home)
    line = socket.socket()
    if own:
        line.bind((own, 0))
    if window:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    line.connect((address.hostname, address.port))
    line.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=line, limit=window or 2**16)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def post(path: str, *headers: str) -> bytes:
    """The head of a POST of JSON."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (in lower case) and body of the next response."""
    async with asyncio.timeout(PATIENCE):
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return int(first.split()[1]), headers, body


async def closed(reader: asyncio.StreamReader) -> bytes:
    """What arrives until the server closes the connection."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await reader.read()
        except ConnectionError:
            return b""
