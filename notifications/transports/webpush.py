"""Web Push (RFC 8030): the push services of browsers.

A service learns who sends, to which browser, when, and of which class. Only the browser can read
what is sent, and it always has the same length.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from notifications.transports.answers import NOT_ALLOWED, Verdict, read_web_answer
from notifications.transports.messages import web_notification
from notifications.transports.pool import CONNECTIONS, DEADLINE, Pool
from notifications.transports.subscriptions import NotAllowed, Subscription, origin_of
from notifications.transports.vapid import Vapid
from notifications.transports.web_encryption import encrypt
from notifications.types import PUSH_CLASSES

# Bytes to which every notification is padded.
LENGTH = 512


class WebPush(Pool):
    """`deadline`: seconds for one attempt, including the time to connect."""

    def __init__(
        self, vapid: Vapid, *, connections: int = CONNECTIONS, deadline: float = DEADLINE
    ) -> None:
        super().__init__(connections=connections, deadline=deadline)
        self._vapid = vapid

    async def send(
        self, address: str, push_class: str, locale: str, push_id: uuid.UUID, *, now: datetime
    ) -> Verdict:
        """One attempt. `address`: a `Subscription` as text. Never raises for a failure to send."""
        try:
            to = Subscription.parse(address)
        except NotAllowed:
            # The list of services has become shorter since the browser was registered.
            return NOT_ALLOWED
        body = encrypt(
            web_notification(push_class, locale, push_id),
            browser=to.public_key(),
            secret=to.secret(),
            length=LENGTH,
        )
        return await self.attempt(self._send(to.endpoint, push_class, body, now))

    async def _send(self, endpoint: str, push_class: str, body: bytes, now: datetime) -> Verdict:
        headers = {
            "Authorization": self._vapid.authorization(origin_of(endpoint), now),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(PUSH_CLASSES[push_class].ttl.total_seconds())),
            # What is shown is shown now, also on a phone that saves power.
            "Urgency": "high",
            # A later push replaces one of its class that the browser has not fetched yet.
            "Topic": push_class,
        }
        answer = await self.post(endpoint, body, headers)
        return read_web_answer(answer.status, answer.headers, now=now)
