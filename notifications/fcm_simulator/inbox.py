"""The newest 20,000 requests, by token, in memory."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Request:
    """One request as received. `at`: seconds since 1970. `answer`: the kind of its answer.

    For a browser, `body` is what it decrypted, `size` the bytes on the way, and `headers` those of
    the request that say how it is to be delivered.
    """

    at: float
    token: str
    body: str
    answer: str
    accepted: bool
    size: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def public(self) -> dict[str, Any]:
        return {
            "at": self.at,
            "body": self.body,
            "answer": self.answer,
            "accepted": self.accepted,
            "size": self.size,
            "headers": self.headers,
        }


class Inboxes:
    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._order: deque[Request] = deque()
        self._by_token: dict[str, deque[Request]] = {}
        self.requests = 0

    def add(self, request: Request) -> None:
        self.requests += 1
        self._order.append(request)
        self._by_token.setdefault(request.token, deque()).append(request)
        if len(self._order) > self._kept:
            self._forget(self._order.popleft())

    def _forget(self, oldest: Request) -> None:
        inbox = self._by_token.get(oldest.token)
        if inbox and inbox[0] is oldest:
            inbox.popleft()
            if not inbox:
                del self._by_token[oldest.token]

    def of(self, token: str) -> list[dict[str, Any]]:
        """Oldest first."""
        return [request.public() for request in self._by_token.get(token, ())]

    def overview(self) -> list[dict[str, Any]]:
        """One row per token, the one with the latest request first."""
        rows = [
            {
                "token": token,
                "count": sum(request.accepted for request in inbox),
                "refused": sum(not request.accepted for request in inbox),
                "last_at": inbox[-1].at,
            }
            for token, inbox in self._by_token.items()
        ]
        return sorted(rows, key=lambda row: -row["last_at"])

    def clear(self, token: str | None = None) -> None:
        """Empty one inbox, or all."""
        if token is None:
            self._by_token.clear()
            self._order.clear()
        else:
            self._by_token.pop(token, None)
            self._order = deque(r for r in self._order if r.token != token)
