"""A pooled HTTP client for Firebase Cloud Messaging (HTTP v1).

It never retries: the outbox does, under a lease and with a count of attempts. That is why it does
not send with firebase-admin, which retries up to four times on its own and sleeps in between.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Self

import aiohttp

from notifications.transports.answers import TIMEOUT, UNREACHABLE, Means, Verdict, read_answer
from notifications.transports.credentials import AccessToken, NoToken

DEADLINE = 10.0
CONNECTIONS = 100
# An answer has a few hundred bytes. At most this much is read.
ANSWER_BYTES = 64 * 1024


class Fcm:
    """`deadline`: seconds for one attempt, including the time to get a token and to connect."""

    def __init__(
        self,
        endpoint: str,
        token: AccessToken,
        *,
        connections: int = CONNECTIONS,
        deadline: float = DEADLINE,
    ) -> None:
        self._url = f"{endpoint}/v1/projects/{token.project_id}/messages:send"
        self._token = token
        self.connections = connections
        self._timeout = aiohttp.ClientTimeout(total=deadline)

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=self.connections, keepalive_timeout=60)
        self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def send(self, body: bytes) -> Verdict:
        """One attempt. Never raises for a failure to send."""
        try:
            # The same deadline again, around the token as well.
            async with asyncio.timeout(self._timeout.total):
                return await self._post(body, await self._token.value())
        except NoToken as refused:
            return refused.verdict
        except TimeoutError:
            return TIMEOUT
        except (aiohttp.ClientError, OSError):
            return UNREACHABLE

    async def _post(self, body: bytes, token: str) -> Verdict:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = self._session.post(self._url, data=body, headers=headers, allow_redirects=False)
        async with request as answer:
            content = await _read(answer)
        verdict = read_answer(answer.status, answer.headers, content, now=datetime.now(UTC))
        if verdict.means is Means.REFUSED:
            self._token.forget()
        return verdict


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    content = b""
    async for chunk in answer.content.iter_chunked(ANSWER_BYTES):
        content += chunk
        if len(content) >= ANSWER_BYTES:
            break
    return content
