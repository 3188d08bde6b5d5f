"""The answer to a request is kept with its effect, under the key that the asker chose."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recovery.actions.errors import (
    ActionError,
    Invalid,
    KeyReused,
    NotAllowed,
    NotFound,
    Refused,
)
from recovery.actions.models import Receipt
from recovery.actions.registry import Call
from recovery.feed.documents import kind_of, render

if TYPE_CHECKING:
    from recovery.actions.perform import Request


@dataclass(frozen=True)
class Outcome:
    """How a request ended. `at` lists [scope, seq] of what it changed; `dup`: asked before."""

    status: str
    code: str = ""
    at: list[list[Any]] = field(default_factory=list)
    data: dict[str, Any] | None = None
    once: dict[str, Any] | None = None
    problem: Any = None
    current: Any = None
    dup: bool = False

    @classmethod
    def of(cls, refusal: ActionError) -> Outcome:
        """The stored form of a refusal."""
        if isinstance(refusal, Invalid):
            return cls("rejected", "invalid", problem=_plain(refusal.errors))
        if isinstance(refusal, Refused):
            shown = _current(refusal.current)
            return cls("rejected", refusal.code, problem=refusal.detail, current=shown)
        return cls("rejected", "not_found" if isinstance(refusal, NotFound) else "not_allowed")

    def raised(self) -> Outcome:
        """Itself when applied; otherwise the refusal, raised anew."""
        if self.status == "applied":
            return self
        if self.code == "invalid":
            raise Invalid(self.problem)
        if self.code in ("not_found", "not_allowed"):
            raise NotFound if self.code == "not_found" else NotAllowed
        raise Refused(self.code, self.problem, current=self.current)

    def detail(self) -> dict[str, Any]:
        """What is stored: everything but what is told only once."""
        kept = {"at": self.at, "data": self.data, "problem": self.problem, "current": self.current}
        return {name: value for name, value in kept.items() if value}


def fingerprint(name: str, data: Any) -> bytes:
    """SHA-256 of the action and its input, whatever the order of its fields."""
    text = json.dumps([name, data], sort_keys=True, default=str)
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


def find(call: Call, expected: bytes) -> Outcome | None:
    """The answer given before under this key. KeyReused: for another request."""
    stored = Receipt.objects.in_scope(call.actor.id).filter(id=call.key).first()
    if stored is None:
        return None
    if bytes(stored.fingerprint) != expected:
        raise KeyReused
    return from_receipt(stored)


def from_receipt(stored: Receipt) -> Outcome:
    detail = stored.detail or {}
    return Outcome(stored.status, stored.code, dup=True, **detail)


def keep(request: Request, outcome: Outcome) -> None:
    """Store the answer. IntegrityError: another request with this key was faster."""
    call, turn = request.call, request.turn
    Receipt(
        id=call.key,
        scope_id=call.actor.id,
        action=request.action.name,
        fingerprint=request.fingerprint,
        client_id=turn and turn.client_id,
        lane=turn and turn.lane,
        mutation_id=turn and turn.mutation_id,
        status=outcome.status,
        code=outcome.code,
        detail=outcome.detail(),
        created_at=call.now,
    ).save(force_insert=True)


def _plain(errors: Any) -> Any:
    return json.loads(json.dumps(errors, default=str))


def _current(row: Any) -> Any:
    if row is None or isinstance(row, list):
        return row
    return [kind_of(type(row)), str(row.id), None, json.loads(render(row))]
