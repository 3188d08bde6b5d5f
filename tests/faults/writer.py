"""A client that retries each write under the same uuid until acknowledged, and records it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from uuid_utils.compat import uuid7

from tests.faults.circle import Member

PUSH, CLIENTS = "/api/v1/sync/push", "/api/v1/sync/clients"
RETRY_AFTER = 2.0  # seconds
PATIENCE = 30.0  # longer than any promise: what takes this long hangs


@dataclass(frozen=True)
class Write:
    """One message to post, or something else. `number` is its id in the phone's outbox."""

    number: int
    uuid: str
    args: dict[str, Any]
    action: str = "groups.post_message"

    def mutation(self) -> dict[str, Any]:
        return {
            "id": self.number,
            "uuid": self.uuid,
            "action": self.action,
            "v": 1,
            "args": self.args,
        }


@dataclass(frozen=True)
class Reply:
    """The answer to one request, after `seconds`. A `status` of 0 means no answer."""

    status: int
    seconds: float
    retry_after: float | None
    body: dict[str, Any]

    def result(self) -> dict[str, Any] | None:
        """The result of the one mutation sent, if the server processed it."""
        results = self.body.get("results", []) if self.status == 200 else []
        return results[0] if results else None

    def is_as_promised(self) -> bool:
        """A success, or a 503 that says to retry within RETRY_AFTER seconds."""
        if self.status == 503:
            return self.retry_after is not None and self.retry_after <= RETRY_AFTER
        return self.status == 200


class Writer:
    """`home` returns web's current URL. `acknowledged` maps a uuid to its result."""

    def __init__(self, member: Member, home: Callable[[], str], *, lane: str = "main") -> None:
        self.member, self.home, self.lane = member, home, lane
        self.writes: list[Write] = []
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.replies: list[Reply] = []
        self.client_id = ""
        self.http = httpx.AsyncClient(timeout=PATIENCE)

    async def register(self) -> None:
        install = {"install": str(uuid7()), "platform": "android", "app": "1.0", "schema": 1}
        reply = await self.ask(CLIENTS, install)
        assert reply.status == 200, reply
        self.client_id = reply.body["client_id"]

    def next_write(self) -> Write:
        number = len(self.writes) + 1
        args = {"group": self.member.group, "id": str(uuid7()), "text": f"Number {number}"}
        self.writes.append(Write(number, str(uuid7()), args))
        return self.writes[-1]

    async def push(self, write: Write, home: str | None = None) -> Reply:
        """Send the write once and record an acknowledgement."""
        body = {"client_id": self.client_id, "lane": self.lane, "mutations": [write.mutation()]}
        reply = await self.ask(PUSH, body, home)
        if (result := reply.result()) is not None:
            self.acknowledged.setdefault(write.uuid, result)
        return reply

    async def ask(self, path: str, body: Any, home: str | None = None) -> Reply:
        began = time.monotonic()
        try:
            url = (home or self.home()) + path
            answer = await self.http.post(url, json=body, headers=self.member.bearer)
        except httpx.TransportError:
            return self._keep(Reply(0, time.monotonic() - began, None, {}))
        after = answer.headers.get("Retry-After")
        spent = time.monotonic() - began
        payload = answer.json() if answer.status_code < 500 or after else {}
        return self._keep(
            Reply(answer.status_code, spent, float(after) if after else None, payload)
        )

    def _keep(self, reply: Reply) -> Reply:
        self.replies.append(reply)
        return reply

    async def insist(self, write: Write) -> None:
        """Retry until the write is acknowledged."""
        while (await self.push(write)).result() is None:
            await asyncio.sleep(0.1)

    async def write_until(self, stop: asyncio.Event, pause: float = 0.02) -> None:
        """Write one message after another until `stop`, each until acknowledged."""
        while not stop.is_set():
            await self.insist(self.next_write())
            await asyncio.sleep(pause)

    async def close(self) -> None:
        await self.http.aclose()
