"""One request to an action: who sends it, and what it says."""

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
    """`data` is what was sent, in `version` of the action's input. None means the current one."""

    name: str
    data: Any
    call: Call
    turn: Turn | None
    fingerprint: bytes
    version: int | None = None

    def origin(self) -> list[object]:
        """`[client id, mutation id]`, by which a phone recognises the frame of its own mutation."""
        return [str(self.turn.client_id), self.turn.mutation_id] if self.turn else []
