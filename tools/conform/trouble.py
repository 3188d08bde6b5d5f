"""What can go wrong between a phone and the server, as a story plans it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tools.conform.http import Request, Response, json_response

PATHS = {
    "clients": "/api/v1/sync/clients",
    "pull": "/api/v1/sync/pull",
    "push": "/api/v1/sync/push",
    "digest": "/api/v1/sync/digest",
    "history": "/api/v1/sync/history",
    "refresh": "/api/v1/sessions/refresh",
    "receipt": "/api/v1/sessions/wipe-receipt",
    "enrolment": "/api/v1/enrolment",
    "blobs": "/api/v1/blobs",
    "pieces": "/api/v1/blobs/pieces",
}
NAMES = {path: name for name, path in PATHS.items()}
Body = dict[str, Any]


class Gate:
    """Holds one answer. `reached` is set when the server has answered."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self._open = asyncio.Event()

    def open(self) -> None:
        self._open.set()

    async def passed(self) -> None:
        self.reached.set()
        await self._open.wait()


@dataclass
class Trouble:
    """Befalls the next `times` requests to `name` for which `when` holds, after `skip` others.

    `lose`: "request", "answer", or "half" of the answer. `answer` is given instead of asking the
    server. `ask` and `say` change the JSON of the request and of the answer.
    """

    name: str
    lose: str = ""
    answer: Response | None = None
    ask: Callable[[Body], Body] | None = None
    say: Callable[[Body], Body] | None = None
    gate: Gate | None = None
    times: int = 1
    skip: int = 0
    when: Callable[[Body], bool] = field(default=lambda body: True)

    @property
    def is_fate(self) -> bool:
        """It decides whether the phone gets the server's answer at all."""
        return bool(self.lose or self.answer)

    def befalls(self, name: str, request: Request) -> bool:
        """Whether it befalls this request. Counts it."""
        if name not in self.name.split() or not self.times or not self.when(request.json):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


def has_mutations(body: Body) -> bool:
    """For `when`: a push of something, not only of an `ack`."""
    return bool(body.get("mutations"))


def problem(status: int, code: str, *, after: int | None = None, **more: Any) -> Response:
    """A problem document, with `Retry-After` if `after` is given, in seconds."""
    body = {"type": f"/api/problems#{code}", "title": "As the story wants it.", "status": status}
    headers = {} if after is None else {"retry_after": str(after)}
    return json_response(status, body | {"code": code} | more, **headers)
