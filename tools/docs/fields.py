"""The fields of an action's input, in the words of the JSON that callers send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from recovery.actions.inputs import Ref
from recovery.feed.documents import KINDS

Field = serializers.Field[Any, Any, Any, Any]
# The first that fits: subclasses stand before their base class.
TYPES: tuple[tuple[type[Field], str], ...] = (
    (serializers.EmailField, "e-mail address"),
    (serializers.URLField, "URL"),
    (serializers.BooleanField, "true or false"),
    (serializers.UUIDField, "UUID"),
    (serializers.DateTimeField, "time with its offset"),
    (serializers.DateField, "date"),
    (serializers.TimeField, "time of day"),
    (serializers.IntegerField, "whole number"),
    (serializers.FloatField, "number"),
    (serializers.DecimalField, "number"),
    (serializers.CharField, "text"),
    (serializers.DictField, "object"),
)


def rows_of(serializer: serializers.Serializer[Any]) -> Iterator[list[str]]:
    """Name, type and whether it is required, for each field."""
    for name, field in serializer.fields.items():
        nullable = ", or null" if field.allow_null else ""
        yield [f"`{name}`", type_of(field) + nullable, _required(field)]


def type_of(field: Field) -> str:
    if isinstance(field, Ref):
        return f"id of {_model(field)}"
    if isinstance(field, serializers.ChoiceField):
        return "one of " + ", ".join(f"`{choice}`" for choice in field.choices)
    if isinstance(field, serializers.ListSerializer | serializers.ListField):
        child: Any = field.child
        return f"list of {type_of(child)}{_limits(field)}"
    if isinstance(field, serializers.Serializer):
        return "object of " + ", ".join(f"`{name}`" for name in field.fields)
    for base, words in TYPES:
        if isinstance(field, base):
            return words + _limits(field)
    raise TypeError(f"no words for {type(field).__name__}: add them to TYPES")


def _model(ref: Ref) -> str:
    kinds = [kind.name for kind in KINDS.values() if kind.model is ref.model]
    name = f"`{kinds[0]}`" if kinds else str(ref.model._meta.verbose_name)
    return f"an {name}" if name.strip("`")[0] in "aeiou" else f"a {name}"


def _limits(field: Field) -> str:
    """Their own limits, where they have some: ` (at most 40 characters)`."""
    if isinstance(field, serializers.CharField | serializers.ListField) and field.max_length:
        unit = " characters" if isinstance(field, serializers.CharField) else ""
        return f" (at most {field.max_length}{unit})"
    least, most = getattr(field, "min_value", None), getattr(field, "max_value", None)
    if least is None and most is None:
        return ""
    return f" ({least} or more)" if most is None else f" ({least} to {most})"


def _required(field: Field) -> str:
    if field.required:
        return "yes"
    default = field.default
    if default is empty or callable(default) or default in ("", None):
        return "no"
    return f"no, `{str(default).lower()}` if absent"
