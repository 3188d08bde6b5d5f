"""Real documents and ids against what `GET /api/documents` says about their kind."""

from __future__ import annotations

import functools
import uuid
from typing import Any

import jsonschema
from jsonschema import Draft202012Validator, FormatChecker

from recovery.feed.documents import KINDS
from recovery.feed.shapes import shape_of

FORMATS = FormatChecker()


@FORMATS.checks("uuid", raises=ValueError)
def _is_uuid(value: Any) -> bool:
    return not isinstance(value, str) or str(uuid.UUID(value)) == value


def fits(shape: dict[str, Any], document: dict[str, Any]) -> None:
    """Raises ValidationError if the document has another shape, or a member more."""
    closed = shape | {"additionalProperties": False}
    jsonschema.validate(document, closed, Draft202012Validator, format_checker=FORMATS)


def is_as_described(scope: str, kind: str, id_: str, document: dict[str, Any]) -> None:
    """An entry in the scope of this name: its place, its id and its shape."""
    declared = KINDS[kind]
    where, _, suffix = scope.partition(":")
    assert where in declared.scopes, f"{kind}: add {where!r} to its `scopes`"
    if where in ("person", "care", "group", "pair", "program"):
        expected = declared.ids.expected(uuid.UUID(suffix), document)
        assert expected in (None, uuid.UUID(id_)), f"{kind}: {id_} is not {declared.ids.rule}"
    fits(_shape(kind), document)


@functools.cache
def _shape(kind: str) -> dict[str, Any]:
    return shape_of(kind)
