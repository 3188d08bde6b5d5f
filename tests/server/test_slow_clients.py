"""Clients that send or read slowly cost the others nothing, and end after a while. All of it
happens on the real process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from foundation.problems import Busy
from tests.cast import FakePhone, make_user
from tests.server.http import PATIENCE, answer, closed, connected, post
from tools.local.stack import Stack

THREADS = 3
SLOW = THREADS + 10
REFRESH = "/api/v1/sessions/refresh"
LARGE_FILE = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
HALVES = {
    "silent": b"",
    "half a head": b"POST /api/v1/sessions/refresh HTTP/1.1\r\nHost: local",
    "no body": post(REFRESH, "Content-Length: 1000"),
    "half a body": post(REFRESH, "Content-Length: 1000") + b'{"refresh_token": ',
    "half a chunk": post(REFRESH, "Transfer-Encoding: chunked") + b"400\r\n{",
    "half a file": post("/api/v1/blobs/pieces", "Content-Length: 262144") + b"x" * 99_999,
}


async def half_send(home: str, half: bytes) -> None:
    """Send half a request, then nothing; when the server ends that, begin again."""
    while True:
        with suppress(ConnectionError):
            async with connected(home) as (reader, writer):
                writer.write(half)
                await closed(reader)


async def drip(home: str) -> None:
    """Send a body one byte at a time."""
    while True:
        with suppress(ConnectionError):
            async with connected(home) as (reader, writer):
                writer.write(post(REFRESH, "Content-Length: 1000"))
                while not writer.is_closing() and not reader.at_eof():
                    writer.write(b" ")
                    await asyncio.sleep(0.2)


async def read_slowly(home: str) -> None:
    """Ask for a large file and take a few bytes at a time."""
    while True:
        with suppress(ConnectionError):
            async with connected(home, window=4096) as (reader, writer):
                writer.write(f"GET {LARGE_FILE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                while await reader.read(100):  # noqa: ASYNC110
                    await asyncio.sleep(0.2)


@asynccontextmanager
async def clients(slow: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(slow()) for _ in range(SLOW)]
    await asyncio.sleep(0.5)
    try:
        yield
        assert not any(task.done() for task in tasks), "they were slow until the end"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def phone(served: Stack) -> FakePhone:
    return FakePhone(make_user(email="someone@example.org"), registered=True)


async def others_are_served(home: str, phone: FakePhone) -> None:
    pull = json.dumps({"client_id": phone.client_id, "schema": 1, "cursor": {}})
    headers = phone.bearer | {"Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=home, timeout=60) as http:
        for _ in range(3):
            assert (await http.get("/healthz")).status_code == 200
            assert (await http.get("/readyz")).status_code == 200
            pulls = [
                http.post("/api/v1/sync/pull", content=pull, headers=headers)
                for _ in range(THREADS + 1)
            ]
            assert {reply.status_code for reply in await asyncio.gather(*pulls)} == {200}


async def test_slow_clients_keep_nobody_waiting(served: Stack, phone: FakePhone) -> None:
    home = served.web
    for half in HALVES.values():
        async with clients(lambda half=half: half_send(home, half)):  # type: ignore[misc]
            await others_are_served(home, phone)
    for slow in (drip, read_slowly):
        async with clients(lambda slow=slow: slow(home)):  # type: ignore[misc]
            await others_are_served(home, phone)


async def test_what_does_not_arrive_in_time_is_ended(served: Stack) -> None:
    """A late body is answered; before the headers are complete, there is nothing to answer."""

    async def end_of(half: bytes) -> bytes:
        async with connected(served.web) as (reader, writer):
            writer.write(half)
            return await closed(reader)

    async def end_of_idle() -> bytes:
        async with connected(served.web) as (reader, writer):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert (await answer(reader))[0] == 200
            return await closed(reader)

    # A file gets more time than the rest.
    halves = {name: half for name, half in HALVES.items() if name != "half a file"}
    idle, *ends = await asyncio.gather(end_of_idle(), *map(end_of, halves.values()))
    assert idle == b""
    for name, end in zip(halves, ends, strict=True):
        if name in ("silent", "half a head"):
            assert end == b"", name
            continue
        head, _, body = end.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 "), name
        assert b"content-type: application/problem+json" in head
        assert b"connection: close" in head
        assert json.loads(body)["code"] == "body_late"


@pytest.mark.parametrize(
    ("header", "sent"),
    [
        ("Content-Length: 1048577", b""),
        ("Transfer-Encoding: chunked", b"200000\r\n" + b"x" * 1_048_577),
    ],
)
async def test_a_body_that_is_too_large_is_refused_before_it_has_arrived(
    served: Stack, header: str, sent: bytes
) -> None:
    async with connected(served.web) as (reader, writer):
        writer.write(post(REFRESH, header) + sent)
        status, headers, body = await answer(reader)
    assert (status, headers["connection"], headers["cache-control"]) == (413, "close", "no-store")
    assert json.loads(body)["code"] == "too_large"


async def test_the_answer_reaches_a_client_that_sends_everything_first(served: Stack) -> None:
    async with httpx.AsyncClient(base_url=served.web, timeout=60) as http:
        reply = await http.post(REFRESH, content=b"x" * 8_000_000)
    assert (reply.status_code, reply.json()["code"]) == (413, "too_large")


async def test_requests_in_a_row_are_answered_in_order(served: Stack) -> None:
    """Pipelining: the second request arrives before the first is answered."""
    bad = post(REFRESH, "Content-Length: 1") + b"["
    good = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    async with connected(served.web) as (reader, writer):
        writer.write(bad + good + bad)
        statuses = [(await answer(reader))[0] for _ in range(3)]
    assert statuses == [400, 200, 400]


async def test_who_asks_a_hundred_times_at_once_keeps_nobody_out(served: Stack) -> None:
    """More than threads and queue hold, all the time. Someone in another network is served."""
    request = b"GET /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\n\r\n"
    queue_is_full = asyncio.Event()

    async def flood() -> None:
        async with connected(served.web) as (reader, writer):
            while True:
                writer.write(request)
                if (await answer(reader))[0] == Busy.status:
                    queue_is_full.set()

    floods = [asyncio.create_task(flood()) for _ in range(150)]
    try:
        async with asyncio.timeout(PATIENCE):
            await queue_is_full.wait()
        for _ in range(30):
            async with connected(served.web, own="127.0.0.2") as (reader, writer):
                writer.write(request)
                assert (await answer(reader))[0] == 401
        assert not any(task.done() for task in floods)
    finally:
        for task in floods:
            task.cancel()
        await asyncio.gather(*floods, return_exceptions=True)


@pytest.mark.parametrize(
    "chunks", [b"zz\r\n", b"f" * 18 + b"\r\n", b"1;" + b"a" * 99_999, b"0\r\n" + b"X: a\r\n" * 999]
)
async def test_chunks_that_are_none_are_refused(served: Stack, chunks: bytes) -> None:
    async with connected(served.web) as (reader, writer):
        writer.write(post(REFRESH, "Transfer-Encoding: chunked") + chunks + b"\r\n")
        status, headers, body = await answer(reader)
    assert (status, headers["connection"], headers["cache-control"]) == (400, "close", "no-store")
    assert json.loads(body)["code"] == "malformed"
