"""The answer to a request is kept with its effect, under the key that the asker chose."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from foundation.problems import Invalid, NotAllowed, NotFound, Refusal, Refused, UnknownAction
from recovery.feed.documents import kind_of, render

# Refusals that have nothing to say but their code.
BARE = {kind.code: kind for kind in (NotFound, NotAllowed, UnknownAction)}


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
    def of(cls, refusal: Refusal) -> Outcome:
        """The stored form of a refusal."""
        if isinstance(refusal, Invalid):
            return cls("rejected", "invalid", problem=_plain(refusal.errors))
        if isinstance(refusal, Refused):
            shown = _current(refusal.current)
            return cls("rejected", refusal.code, problem=refusal.title, current=shown)
        return cls("rejected", refusal.code)

    def raised(self) -> Outcome:
        """Itself when applied; otherwise the refusal, raised anew."""
        if self.status == "applied":
            return self
        if self.code == "invalid":
            raise Invalid(self.problem)
        if self.code in BARE:
            raise BARE[self.code]
        raise Refused(self.code, self.problem, current=self.current)

    def detail(self) -> dict[str, Any]:
        """What is stored: everything but what is told only once."""
        kept = {"at": self.at, "data": self.data, "problem": self.problem, "current": self.current}
        return {name: value for name, value in kept.items() if value}


def fingerprint(name: str, data: Any) -> bytes:
    """SHA-256 of the action and its input, whatever the order of its fields."""
    try:
        text = json.dumps([name, data], sort_keys=True, default=str)
    except RecursionError:  # nothing so deep is ever applied, so one refusal answers them all
        text = json.dumps([name, "too deep"])
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


def _plain(errors: Any) -> Any:
    """As jsonb can hold it: errors quote the input, which may hold what no column takes."""
    if isinstance(errors, dict):
        return {_plain(str(name)): _plain(inner) for name, inner in errors.items()}
    if isinstance(errors, list | tuple):
        return [_plain(inner) for inner in errors]
    # Half a surrogate pair, and the one character that PostgreSQL has no room for.
    return str(errors).encode(errors="replace").decode().replace("\0", "\ufffd")


def _current(row: Any) -> Any:
    if row is None or isinstance(row, list):
        return row
    return [kind_of(type(row)), str(row.id), None, json.loads(render(row))]
