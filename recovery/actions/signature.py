"""A handler's keyword-only parameters are the fields of its input. Checked at registration."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Unpack, get_args, get_origin, get_type_hints

from rest_framework import serializers
from rest_framework.fields import empty


def mismatches(kind: type[serializers.Serializer[Any]], handler: Callable[..., Any]) -> list[str]:
    """Return every difference between the fields and the parameters, one phrase each."""
    fields, parameters = _fields(kind), _parameters(handler)
    missing = [f"parameter {name!r} is missing" for name in fields.keys() - parameters.keys()]
    extra = [f"{name!r} is not a field of the input" for name in parameters.keys() - fields.keys()]
    shared = fields.keys() & parameters.keys()
    unneeded = [
        f"parameter {name!r} has a default, but the field is always present"
        for name in shared
        if parameters[name] and not fields[name]
    ]
    needed = [
        f"parameter {name!r} needs a default, because the field may be absent"
        for name in shared
        if fields[name] and not parameters[name]
    ]
    return sorted(missing + extra + unneeded + needed)


def _fields(kind: type[serializers.Serializer[Any]]) -> dict[str, bool]:
    """Field names, each with whether it may be absent from the validated data."""
    return {
        name: not field.required and field.default is empty
        for name, field in kind().fields.items()
        if not field.read_only
    }


def _parameters(handler: Callable[..., Any]) -> dict[str, bool]:
    """The parameters after `call`, each with whether it has a default.

    `**rest: Unpack[SomeTypedDict]` stands for the keys of the TypedDict. It is for fields where
    "not sent" and null mean different things, which no default can express.
    """
    _call, *parameters = inspect.signature(handler).parameters.values()
    has_default: dict[str, bool] = {}
    for parameter in parameters:
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            has_default[parameter.name] = parameter.default is not inspect.Parameter.empty
        elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
            has_default |= _unpacked(handler, parameter.name)
        else:
            has_default[f"{parameter.name} (positional)"] = False
    return has_default


def _unpacked(handler: Callable[..., Any], name: str) -> dict[str, bool]:
    hint = get_type_hints(handler).get(name)
    if get_origin(hint) is not Unpack:
        return {f"**{name}": False}
    (keys,) = get_args(hint)
    return {key: key in keys.__optional_keys__ for key in keys.__annotations__}
