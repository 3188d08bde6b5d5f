"""The outcome of a request, as it is stored under the idempotency key and returned again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from foundation.problems import (
    Invalid,
    NotAllowed,
    NotFound,
    Problem,
    Refusal,
    Refused,
    UnknownAction,
)
from recovery.feed.documents import kind_of, render, seq_of

# Refusals that consist of nothing but their code.
BARE = {kind.code: kind for kind in (NotFound, NotAllowed, UnknownAction)}


@dataclass(frozen=True)
class Outcome:
    """How a request ended.

    `at` lists [scope, seq] of each scope that changed. `problem` is the problem document of a
    refusal, without `current`. `sentence` is the title of a fresh one before its values were put
    in; it is never stored. `dup` marks an answer to a retry.
    """

    status: str
    code: str = ""
    at: list[list[Any]] = field(default_factory=list)
    data: dict[str, Any] | None = None
    once: dict[str, Any] | None = None
    problem: dict[str, Any] | None = None
    current: Any = None
    sentence: tuple[str, dict[str, Any]] | None = None
    dup: bool = False

    @classmethod
    def of(cls, refusal: Refusal) -> Outcome:
        """The stored form of a refusal."""
        problem = refusal.document()
        current = problem.pop("current", None)
        if "errors" in problem:
            problem["errors"] = _plain(problem["errors"])
        sentence = (refusal.template, refusal.values) if isinstance(refusal, Refused) else None
        return cls("rejected", refusal.code, problem=problem, current=current, sentence=sentence)

    def raised(self) -> Outcome:
        """Return the outcome if it was applied. Otherwise raise the refusal it stands for."""
        if self.status == "applied":
            return self
        if self.code in BARE:
            raise BARE[self.code]
        # None once the phone has acknowledged it. Older servers stored only a text, or `errors`.
        problem = self.problem if isinstance(self.problem, dict) else {}
        if self.code == "invalid":
            raise Invalid(problem.get("errors", {}))
        title, values = self.sentence or (problem.get("title", Problem.title), {})
        about = problem.get("about")
        raise Refused(self.code, title, values=values, current=self.current, about=about)

    def detail(self) -> dict[str, Any]:
        """What the receipt stores: everything except `once`, which is never stored."""
        names = ("at", "data", "problem", "current")
        kept = {name: getattr(self, name) for name in names}
        return {name: value for name, value in kept.items() if value}


def fingerprint(name: str, data: Any) -> bytes:
    """SHA-256 of the action and its input. The order of the fields does not matter."""
    try:
        text = json.dumps([name, data], sort_keys=True, default=str)
    except RecursionError:  # never applied, so inputs as deep as this can share one fingerprint
        text = json.dumps([name, "too deep"])
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


def _plain(errors: Any) -> Any:
    """Errors in a form that jsonb can hold. They quote the input, which may contain anything."""
    if isinstance(errors, dict):
        return {_plain(str(name)): _plain(inner) for name, inner in errors.items()}
    if isinstance(errors, list | tuple):
        return [_plain(inner) for inner in errors]
    # PostgreSQL stores neither half a surrogate pair nor the NUL character.
    return str(errors).encode(errors="replace").decode().replace("\0", "\ufffd")


def entry_of(row: Any) -> list[Any]:
    """The row's entry as it is in this transaction. Its seq is the `base` of the next try."""
    return [kind_of(type(row)), str(row.id), seq_of(row), json.loads(render(row))]
