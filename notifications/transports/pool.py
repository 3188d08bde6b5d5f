"""A pooled HTTP client for push services.

It never retries: the outbox does, under a lease and with a count of attempts. It follows no
redirect and keeps no cookie.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, NamedTuple, Self

import aiohttp
from yarl import URL

from notifications.transports.answers import TIMEOUT, UNREACHABLE, Verdict

DEADLINE = 10.0
CONNECTIONS = 100
# An answer has a few hundred bytes. At most this much is read.
ANSWER_BYTES = 64 * 1024


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    content: bytes


class Pool:
    """`deadline`: seconds for one attempt, including the time to get a token and to connect.
    `slots`: take one for each attempt, or its time runs while it waits for a connection."""

    def __init__(self, *, connections: int = CONNECTIONS, deadline: float = DEADLINE) -> None:
        self._connections = connections
        self._timeout = aiohttp.ClientTimeout(total=deadline)
        self.slots = asyncio.Semaphore(connections)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=60),
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def attempt(self, sending: Coroutine[Any, Any, Verdict]) -> Verdict:
        """The verdict of `sending`, or why no answer came in time."""
        try:
            # The same deadline again, around the token as well.
            async with asyncio.timeout(self._timeout.total):
                return await sending
        except TimeoutError:
            return TIMEOUT
        except (aiohttp.ClientError, OSError):
            return UNREACHABLE

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """One request, to the URL exactly as it is written."""
        request = self._session.post(
            URL(url, encoded=True), data=body, headers=headers, allow_redirects=False
        )
        async with request as answer:
            return Answer(answer.status, answer.headers, await _read(answer))


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    content = b""
    async for chunk in answer.content.iter_chunked(ANSWER_BYTES):
        content += chunk
        if len(content) >= ANSWER_BYTES:
            break
    return content
