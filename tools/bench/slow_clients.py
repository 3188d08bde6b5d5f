"""What everybody else notices of clients that send half a request, or read no answer.

With N request threads, N + 10 slow clients of each kind are connected, and connect again when the
server ends them. Rounds with and without them take turns.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from tools.bench import figures, http, phones
from tools.local import data_directory, stack

THREADS, ROUNDS, SECONDS = 3, 8, 2.0
SLOW = THREADS + 10
OTHERS, SCOPES = 2, 5
# A request that gets no answer counts as this long.
GIVE_UP = 5.0
HEAD = (
    b"POST /api/v1/sessions/refresh HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\n"
)
HALVES = (
    b"",
    HEAD,
    HEAD + b"Content-Length: 1000\r\n\r\n{",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n400\r\n{",
)
LARGE_FILE = (
    b"GET /static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js HTTP/1.1\r\n"
    b"Host: localhost\r\n\r\n"
)
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


def run() -> list[dict[str, Any]]:
    environ = {**os.environ, "GRANIAN_WORKERS": "1", "WEB_THREADS": str(THREADS)}
    with (
        data_directory.temporary() as directory,
        stack.running(directory, environ=environ, names=("web",), data=False) as system,
    ):
        seeded = phones.seed(system.variables, phones=OTHERS, scopes=SCOPES, documents=1000, new=0)
        pulls = [http.request("/api/v1/sync/pull", each.token, each.body(0)) for each in seeded]
        return [asyncio.run(_measured(system.web, pulls))]


async def _measured(web: str, pulls: list[bytes]) -> dict[str, Any]:
    await _round(web, pulls)
    rounds: list[dict[str, figures.Value]] = []
    for _ in range(ROUNDS):
        alone, health_alone = await _round(web, pulls)
        async with _slow_clients(web):
            beside, health_beside = await _round(web, pulls)
        before, after = figures.percentiles(alone), figures.percentiles(beside)
        rounds.append(
            {
                "p50_ms": after["p50_ms"],
                "p99_ms": after["p99_ms"],
                "p50_alone_ms": before["p50_ms"],
                "p99_alone_ms": before["p99_ms"],
                "p99_ratio": float(after["p99_ms"]) / float(before["p99_ms"]),  # type: ignore[arg-type]
                "healthz_p99_ms": figures.percentiles(health_beside)["p99_ms"],
                "healthz_p99_alone_ms": figures.percentiles(health_alone)["p99_ms"],
            }
        )
    return figures.line(
        "slow_clients",
        threads=THREADS,
        slow=SLOW * (len(HALVES) + 1),
        **figures.medians(rounds),
        note=f"{OTHERS} callers pull and one asks /healthz, with and without {SLOW} slow clients"
        " of each kind: silent, half a head, half a body, half a chunk, and a large answer unread",
    )


async def _round(web: str, pulls: list[bytes]) -> tuple[list[float], list[float]]:
    """The milliseconds of every pull, and of every health check."""
    until = time.perf_counter() + SECONDS
    health, *others = await asyncio.gather(
        _repeat(web, HEALTH, until, pause=0.02), *(_repeat(web, pull, until) for pull in pulls)
    )
    return [millis for each in others for millis in each], health


async def _repeat(web: str, request: bytes, until: float, pause: float = 0.0) -> list[float]:
    address, millis = urlsplit(web), list[float]()
    while time.perf_counter() < until:
        began = time.perf_counter()
        with suppress(TimeoutError):
            async with asyncio.timeout(GIVE_UP):
                reader, writer = await asyncio.open_connection(address.hostname, address.port)
                writer.write(request)
                await http.read_answer(reader)
        writer.transport.abort()
        millis.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(pause)
    return millis


@asynccontextmanager
async def _slow_clients(web: str) -> AsyncIterator[None]:
    clients = [
        asyncio.create_task(_be_slow(web, half, read=half != LARGE_FILE))
        for half in (*HALVES, LARGE_FILE)
        for _ in range(SLOW)
    ]
    await asyncio.sleep(1)
    try:
        yield
    finally:
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)


async def _be_slow(web: str, half: bytes, *, read: bool) -> None:
    address = urlsplit(web)
    while True:
        reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=1024)
        try:
            writer.write(half)
            if read:
                await reader.read()
            else:
                writer.transport.pause_reading()  # type: ignore[attr-defined]
                await asyncio.sleep(3600)
        except ConnectionError:
            await asyncio.sleep(0.1)
        finally:
            writer.transport.abort()
