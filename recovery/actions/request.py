"""One request to act: who asks for what."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from recovery.actions.registry import Call


@dataclass(frozen=True)
class Turn:
    """A queued mutation's place in its phone's order."""

    client_id: uuid.UUID
    lane: str
    mutation_id: int


@dataclass(frozen=True)
class Request:
    """`data` is as it was sent, in `version` of the action's input; None: the present one."""

    name: str
    data: Any
    call: Call
    turn: Turn | None
    fingerprint: bytes
    version: int | None = None

    def origin(self) -> list[object]:
        """`[client id, mutation id]`: how a phone knows its own frame again."""
        return [str(self.turn.client_id), self.turn.mutation_id] if self.turn else []
