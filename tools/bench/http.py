"""A cheap closed-loop HTTP load on loopback, over raw keep-alive connections."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Load:
    """Requests per second, milliseconds per request, and the bytes of one response body."""

    rate: float
    millis: list[float]
    size: int


def request(path: str, token: str, body: bytes, headers: str = "") -> bytes:
    """A whole POST. `headers`: further lines, each with its line end."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"{headers}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def load(base: str, requests: Sequence[bytes], *, seconds: float) -> Load:
    """Repeat each request on its own connection for `seconds`."""
    address = urlsplit(base)
    millis: list[float] = []
    start = time.perf_counter()
    callers = [
        _repeat(address.hostname, address.port, request, start + seconds, millis)
        for request in requests
    ]
    sizes = await asyncio.gather(*callers)
    return Load(len(millis) / (time.perf_counter() - start), millis, sizes[0])


async def _repeat(
    host: str | None, port: int | None, text: bytes, until: float, millis: list[float]
) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    size = 0
    while (sent_at := time.perf_counter()) < until:
        writer.write(text)
        size = await read_answer(reader)
        millis.append((time.perf_counter() - sent_at) * 1000)
    writer.close()
    return size


async def timed(reader: asyncio.StreamReader) -> tuple[float, bytes]:
    """Return the milliseconds until the next response is complete, and its body."""
    start = time.perf_counter()
    body = await read_body(reader)
    return (time.perf_counter() - start) * 1000, body


async def read_answer(reader: asyncio.StreamReader) -> int:
    return len(await read_body(reader))


async def read_body(reader: asyncio.StreamReader) -> bytes:
    """Return the body of the next response; raise RuntimeError unless it is a 200."""
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.partition(b"\r\n")[0]:
        raise RuntimeError(head.decode())
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    return await reader.readexactly(int(length))
