"""The shapes of documents that apps in use understand.

The server stores the newest shape. An app says with each request which schema it understands, and
gets every document taken back, step by step, to what it was then. Beside a document whose shape
changed in schema 2 stands the step back:

    @reshaped("message", schema=2)
    def without_mood(document): ...

A field that is added changes no shape: clients ignore what they do not know. A kind that is new
is announced with `introduced("poll", schema=2)`, and older apps are not sent it. Steps are pure.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

OLDEST = 1
Document = dict[str, Any]
Down = Callable[[Document], Document]


@dataclass(frozen=True)
class Step:
    """`kind` has been different since `schema`; `down` takes a document back to the shape
    before, None: there was no such kind."""

    kind: str
    schema: int
    down: Down | None


STEPS: list[Step] = []


def reshaped(kind: str, *, schema: int) -> Callable[[Down], Down]:
    """Register a pure function from the shape of `schema` to the one before it."""

    def register(down: Down) -> Down:
        _add(Step(kind, schema, down))
        return down

    return register


def introduced(kind: str, *, schema: int) -> None:
    """Apps of an older schema do not know this kind."""
    _add(Step(kind, schema, None))


def newest() -> int:
    """The schema of the documents as they are stored."""
    return max((step.schema for step in STEPS), default=OLDEST)


def unknown_to(schema: int) -> list[str]:
    """The kinds that apps of this schema are not sent."""
    return sorted({s.kind for s in STEPS if s.schema > schema and s.down is None})


def changed(asked: int) -> dict[str, list[str]]:
    """For each schema in which a phone may have read before: the kinds that look different now
    that it asks in `asked`. Only scopes that hold one of them must be read anew."""
    told = (t for t in range(1, newest() + 1) if t != asked)
    return {str(t): _between(min(t, asked), max(t, asked)) for t in told}


def older(entry: list[Any], schema: int) -> list[Any] | None:
    """[kind, id, seq, document] for an app of this schema; None: it does not know the kind."""
    kind, id_, seq, document = entry
    for step in reversed(STEPS):
        if step.kind == kind and step.schema > schema:
            if step.down is None:
                return None
            document = step.down(document)
    return [kind, id_, seq, document]


def entries(text: str, schema: int) -> str:
    """A list of entries as JSON text, for an app of this schema."""
    if schema >= newest():
        return text
    return json.dumps(_known(json.loads(text), schema))


def page(scopes: str, schema: int) -> str:
    """The scopes of a pull as JSON text, for an app of this schema."""
    if schema >= newest():
        return scopes
    unknown = unknown_to(schema)
    pages = json.loads(scopes)
    for scope in pages:
        scope["put"] = _known(scope["put"], schema)
        scope["del"] = [entry for entry in scope["del"] if entry[0] not in unknown]
    return json.dumps(pages)


def result(told: dict[str, Any], schema: int) -> dict[str, Any]:
    """A mutation's result, for an app of this schema: `current` is a document like others."""
    current = told.get("current")
    if schema >= newest() or not isinstance(current, list):
        return told
    rest = {name: value for name, value in told.items() if name != "current"}
    shown = older(current, schema)
    return rest | {"current": shown} if shown else rest


def _known(told: list[list[Any]], schema: int) -> list[list[Any]]:
    return [entry for entry in (older(each, schema) for each in told) if entry]


def _add(step: Step) -> None:
    if step.schema <= OLDEST or any((s.kind, s.schema) == (step.kind, step.schema) for s in STEPS):
        raise RuntimeError(f"one step for each kind and schema, from 2 on: {step}")
    STEPS.append(step)
    STEPS.sort(key=lambda each: each.schema)


def _between(low: int, high: int) -> list[str]:
    return sorted({step.kind for step in STEPS if low < step.schema <= high})
