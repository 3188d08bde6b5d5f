"""The fields of an action's input, with those inside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rest_framework import serializers

Field = serializers.Field[Any, Any, Any, Any]


def fields(field: Field) -> Iterator[Field]:
    yield field
    inner = getattr(field, "child", None)
    children = [inner] if inner else list(getattr(field, "fields", {}).values())
    for child in children:
        yield from fields(child)
