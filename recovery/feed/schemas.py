"""Older shapes of documents, for older apps.

The server stores the newest shape. An app names its schema in each request, and the server takes
every document back to that schema, step by step. Each step stands beside the document it reshapes:

    @reshaped("message", schema=2, before=SHAPE_1)
    def without_mood(document): ...

`before` is the JSON Schema of the shape that the step goes back to.

A new field needs no step, because clients ignore fields that they do not know. A new kind is
declared with `introduced("poll", schema=2)` and not sent to older apps. Steps are pure functions.
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
    """`schema` changed the shape of `kind`. `down` takes a document back to the shape before, which
    is `before`; both are None if `schema` introduced the kind."""

    kind: str
    schema: int
    down: Down | None
    before: dict[str, Any] | None


STEPS: list[Step] = []


def reshaped(kind: str, *, schema: int, before: dict[str, Any]) -> Callable[[Down], Down]:
    """Register a pure function from the shape of `schema` to the one before it."""

    def register(down: Down) -> Down:
        _add(Step(kind, schema, down, before))
        return down

    return register


def introduced(kind: str, *, schema: int) -> None:
    """Declare that apps of an older schema do not know this kind."""
    _add(Step(kind, schema, None, None))


def newest() -> int:
    """The schema in which documents are stored."""
    return max((step.schema for step in STEPS), default=OLDEST)


def unknown_to(schema: int) -> list[str]:
    """The kinds that apps of this schema are not sent."""
    return sorted({s.kind for s in STEPS if s.schema > schema and s.down is None})


def changed(schema: int) -> dict[str, list[str]]:
    """For every other schema that a phone may have used before: the kinds that differ from it now.

    After an update of the app, only scopes that hold one of these kinds must be read again.
    """
    others = (other for other in range(1, newest() + 1) if other != schema)
    return {str(other): _between(min(other, schema), max(other, schema)) for other in others}


def shapes(kind: str, current: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """The JSON Schema of a kind by the schema in which it got that shape, oldest first."""
    by_schema, shape = {}, current
    for step in reversed([each for each in STEPS if each.kind == kind]):
        by_schema[step.schema] = shape
        if step.before is None:
            return dict(sorted(by_schema.items()))
        shape = step.before
    return dict(sorted((by_schema | {OLDEST: shape}).items()))


def older(entry: list[Any], schema: int) -> list[Any] | None:
    """[kind, id, seq, document] for an app of this schema. None if it does not know the kind."""
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


def result(newest_result: dict[str, Any], schema: int) -> dict[str, Any]:
    """A mutation's result, for an app of this schema. Its `current` is a document, too."""
    current = newest_result.get("current")
    if schema >= newest() or not isinstance(current, list):
        return newest_result
    rest = {name: value for name, value in newest_result.items() if name != "current"}
    reshaped_current = older(current, schema)
    return rest | {"current": reshaped_current} if reshaped_current else rest


def _known(stored: list[list[Any]], schema: int) -> list[list[Any]]:
    return [entry for entry in (older(each, schema) for each in stored) if entry]


def _add(step: Step) -> None:
    if step.schema <= OLDEST or any((s.kind, s.schema) == (step.kind, step.schema) for s in STEPS):
        raise RuntimeError(f"one step for each kind and schema, from 2 on: {step}")
    STEPS.append(step)
    STEPS.sort(key=lambda each: each.schema)


def _between(low: int, high: int) -> list[str]:
    return sorted({step.kind for step in STEPS if low < step.schema <= high})
