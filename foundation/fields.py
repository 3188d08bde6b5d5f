"""Declare a request's JSON body once: what reads its members also describes them in OpenAPI."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard, TypeVar, get_type_hints

from django.utils.dateparse import parse_datetime

from foundation.problems import Invalid, Problem

Schema = dict[str, Any]
Request = TypeVar("Request")
TEXT = {"type": "string"}
WHOLE_NUMBER = {"type": "integer"}


class Unfit(Exception):
    """A field does not accept this value. The text becomes the field's error."""


@dataclass(frozen=True, eq=False)
class Field:
    """`read` returns the value in the form that the code uses, or raises Unfit. A field that is
    not sent is read as `default`. `schema`: what is sent, in OpenAPI."""

    read: Callable[[Any], Any]
    schema: Schema
    default: Any = None

    def of(self, name: str, value: Any) -> Any:
        try:
            return self.read(value)
        except Unfit as error:
            raise invalid(name, str(error)) from None

    def is_required(self) -> bool:
        try:
            self.read(self.default)
        except (Unfit, Problem):
            return True
        return False


def parsed(request: Callable[..., Request], body: dict[str, Any]) -> Request:
    """`request`: a NamedTuple whose members are annotated with a Field each.

    They are read in the order of their declaration. The first that is wrong is the error.
    """
    fields = _fields(request).items()
    return request(*(field.of(name, body.get(name, field.default)) for name, field in fields))


def openapi(request: Callable[..., Any], *, without: tuple[str, ...] = ()) -> Schema:
    fields = {name: field for name, field in _fields(request).items() if name not in without}
    optional = [name for name, field in fields.items() if not field.is_required()]
    schemas = {name: field.schema for name, field in fields.items()}
    return an_object(optional=optional, **schemas)


@functools.cache
def _fields(request: Callable[..., Any]) -> dict[str, Field]:
    hints = get_type_hints(request, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


def an_object(*, optional: Collection[str] = (), **properties: Schema) -> Schema:
    required = [name for name in properties if name not in optional]
    object_ = {"type": "object", "properties": properties}
    return object_ | {"required": required} if required else object_


def or_null(schema: Schema) -> Schema:
    """The same, or null."""
    choices = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | choices


def a_tuple(*items: Schema, **more: Any) -> Schema:
    """A list of exactly these items."""
    size = {"minItems": len(items), "maxItems": len(items)}
    return {"type": "array", "prefixItems": list(items), "items": False} | size | more


def a_map(values: Schema, **more: Any) -> Schema:
    """An object whose names are not known before."""
    return {"type": "object", "additionalProperties": values} | more


def a_list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items} | more


def one_of(*values: str, **more: Any) -> Schema:
    return {"type": "string", "enum": list(values)} | more


def invalid(name: str, sentence: str) -> Invalid:
    """One field's error."""
    return Invalid({name: [sentence]})


def text(most: int = 200) -> Field:
    """From 1 to `most` printable characters."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= most or not value.isprintable():
            raise Unfit(f"This must be a text of 1 to {most} characters.")
        return value

    # The description promises ASCII only, because no regular expression means "printable".
    return Field(read, TEXT | {"minLength": 1, "maxLength": most, "pattern": "^[ -~]+$"})


def number(least: int, most: int, default: int | None = None) -> Field:
    """An integer from `least` to `most`."""

    def read(value: Any) -> int:
        if is_whole(value, least, most):
            return value
        raise Unfit(f"This must be a whole number from {least} to {most}.")

    return Field(read, {"type": "integer", "minimum": least, "maximum": most}, default)


def as_dict(value: Any) -> dict[str, Any]:
    """An object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def is_whole(value: Any, least: int, most: int) -> TypeGuard[int]:
    """Whether it is an integer, and not true or false, which are integers in Python."""
    return type(value) is int and least <= value <= most


def _uuid(value: Any) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise Unfit("This must be a UUID.") from None


def _time(value: Any) -> datetime | None:
    try:
        time = parse_datetime(value)
    except (ValueError, TypeError):
        return None
    return time if time and time.tzinfo else None


ID = Field(_uuid, TEXT | {"format": "uuid"})
TIME = TEXT | {"format": "date-time"}
# A phone's time. None if it is unusable: a wrong clock must not block a phone.
CLOCK = Field(_time, TIME)
