"""Firebase Cloud Messaging (HTTP v1).

It does not send with firebase-admin, which retries up to four times on its own and sleeps in
between.
"""

from __future__ import annotations

from datetime import UTC, datetime

from notifications.transports.answers import Means, Verdict, read_answer
from notifications.transports.credentials import AccessToken, NoToken
from notifications.transports.pool import CONNECTIONS, DEADLINE, Pool


class Fcm(Pool):
    """`deadline`: seconds for one attempt, including the time to get a token and to connect."""

    def __init__(
        self,
        endpoint: str,
        token: AccessToken,
        *,
        connections: int = CONNECTIONS,
        deadline: float = DEADLINE,
    ) -> None:
        super().__init__(connections=connections, deadline=deadline)
        self._url = f"{endpoint}/v1/projects/{token.project_id}/messages:send"
        self._token = token

    async def send(self, body: bytes) -> Verdict:
        """One attempt. Never raises for a failure to send."""
        return await self.attempt(self._send(body))

    async def _send(self, body: bytes) -> Verdict:
        try:
            token = await self._token.value()
        except NoToken as refused:
            return refused.verdict
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        answer = await self.post(self._url, body, headers)
        verdict = read_answer(*answer, now=datetime.now(UTC))
        if verdict.means is Means.REFUSED:
            self._token.forget()
        return verdict
