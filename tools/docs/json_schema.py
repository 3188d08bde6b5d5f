"""JSON Schema of a serializer, for editors of the files under content/."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recovery.people.rules import LOCALES
from tools.docs.fields import Field

Schema = dict[str, Any]
# The first that fits: subclasses stand before their base class.
TYPES: tuple[tuple[type[Field], Schema], ...] = (
    (serializers.EmailField, {"type": "string", "format": "email"}),
    (serializers.BooleanField, {"type": "boolean"}),
    (serializers.UUIDField, {"type": "string", "format": "uuid"}),
    (serializers.DateField, {"type": "string", "format": "date"}),
    (serializers.TimeField, {"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$"}),
    (serializers.IntegerField, {"type": "integer"}),
    (serializers.FloatField, {"type": "number"}),
    # A plain 988 is a number for an editor, and is read as the text it is.
    (serializers.CharField, {"type": ["string", "number"]}),
)
LIMITS = {
    "max_length": "maxLength",
    "min_value": "minimum",
    "max_value": "maximum",
}


def schema_of(field: Field) -> Schema:
    described = _described(field)
    if field.allow_null:
        described = {"anyOf": [described, {"type": "null"}]}
    return described | ({"description": str(field.help_text)} if field.help_text else {})


def _described(field: Field) -> Schema:
    if isinstance(field, serializers.ChoiceField):
        return {"enum": list(field.choices)}
    if isinstance(field, serializers.DictField):
        return _texts(field)
    if isinstance(field, serializers.ListSerializer | serializers.ListField):
        inner: Any = field.child
        return {"type": "array", "items": schema_of(inner)} | (
            {} if field.allow_empty else {"minItems": 1}
        )
    if isinstance(field, serializers.Serializer):
        return _object(field)
    for base, schema in TYPES:
        if isinstance(field, base):
            return schema | _limits(field)
    raise TypeError(f"no schema for {type(field).__name__}: add it to TYPES")


def _object(serializer: serializers.Serializer[Any]) -> Schema:
    fields = serializer.fields
    described: Schema = {
        "type": "object",
        "properties": {name: schema_of(field) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.required],
        "additionalProperties": False,
    }
    about = " ".join((type(serializer).__doc__ or "").split())
    return described | ({"description": about} if about else {})


def _texts(field: Any) -> Schema:
    return {
        "type": "object",
        "properties": {locale: schema_of(field.child) for locale in LOCALES},
        "required": list(field.required_locales),
        "additionalProperties": False,
    }


def _limits(field: Field) -> Schema:
    values = {name: getattr(field, name, None) for name in LIMITS}
    limits = {LIMITS[name]: value for name, value in values.items() if value is not None}
    blank = isinstance(field, serializers.CharField) and not field.allow_blank
    return limits | ({"minLength": 1} if blank else {})
