"""The shape of each kind's documents as JSON Schema (2020-12), from their serializers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework import serializers
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from recovery.feed.documents import KINDS

Schema = dict[str, Any]
# Limits of PostgreSQL's integers, which say nothing about the field.
STORAGE = {sign * 2**bits - (sign > 0) for bits in (15, 31, 63) for sign in (1, -1)}
# What drf-spectacular adds and no reader of a document needs.
NOISE = {"readOnly", "writeOnly", "x-spec-enum-id", "default"}
LOCAL_TIME: Schema = {"pattern": r"^[0-2]\d:[0-5]\d(:[0-5]\d)?$"}
BY_LOCALE: Schema = {"type": "object", "additionalProperties": {"type": "string"}}


class Shaped(serializers.JSONField):
    """A JSON column. `shape`: of its content, as a schema or as the serializer that checked it."""

    def __init__(self, shape: Schema | BaseSerializer[Any], **options: Any) -> None:
        super().__init__(**options)
        self.shape = shape


class ShapedSchema(OpenApiSerializerFieldExtension):
    target_class = "recovery.feed.shapes.Shaped"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> Schema:
        shape = self.target.shape
        return schema_of(shape) if isinstance(shape, BaseSerializer) else dict(shape)


Shape = Callable[[], Schema]
_shapes: dict[str, Shape] = {}


def shaped(kind: str) -> Callable[[Shape], Shape]:
    """Declare the shape of a kind whose serializer has no fields, because it sends a JSON column
    as it is."""

    def register(shape: Shape) -> Shape:
        _shapes[kind] = shape
        return shape

    return register


def shape_of(kind: str) -> Schema:
    """The shape of the newest documents of this kind. KeyError: it must be declared (`shaped`)."""
    serializer = KINDS[kind].serializer
    fields = getattr(serializer, "fields", None)
    if not fields:
        return _shapes[kind]()
    schema = schema_of(serializer)
    # A document has all of its fields, always, except those that its serializer calls `optional`.
    optional = getattr(serializer, "optional", ())
    return schema | {"required": [name for name in schema["properties"] if name not in optional]}


def schema_of(serializer: BaseSerializer[Any]) -> Schema:
    """What a serializer renders."""
    view = APIView()
    view.request = None  # type: ignore[assignment]  # drf-spectacular asks for it
    auto = AutoSchema()
    auto.registry, auto.view, auto.method, auto.path = ComponentRegistry(), view, "GET", "/"
    mapped = auto._map_serializer(serializer, "response")
    components = {each.name: each.schema for each in auto.registry._components.values()}
    cleaned: Schema = _cleaned(mapped, components)
    return cleaned


def _cleaned(schema: Any, components: dict[str, Any]) -> Any:
    """The schema with its components in their places, and without noise."""
    if isinstance(schema, list):
        return [_cleaned(each, components) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _cleaned(components[schema["$ref"].rpartition("/")[2]], components)
    if len(schema.get("allOf", ())) == 1:
        return _cleaned(schema["allOf"][0], components)
    if schema.get("format") == "time":  # in JSON Schema a time has an offset; ours are local
        schema = {name: inner for name, inner in schema.items() if name != "format"} | LOCAL_TIME
    # An empty text is both of "a URL or nothing".
    return {
        "anyOf" if name == "oneOf" else name: _cleaned(inner, components)
        for name, inner in schema.items()
        if not _noise(name, inner)
    }


def _noise(name: str, value: Any) -> bool:
    if name in ("minimum", "maximum"):
        return value in STORAGE
    # For each choice drf-spectacular lists its value and label, which are the same here.
    return name in NOISE or (name == "description" and bool(re.match(r"\* `", str(value))))
