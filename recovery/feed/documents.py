"""Which model is published as which kind, and through which serializer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import BaseSerializer

from recovery.feed.collect import current

Serializer = type[BaseSerializer[Any]]
KINDS: dict[str, tuple[type[models.Model], Serializer]] = {}
_kind_of: dict[type[models.Model], str] = {}
_renderer = JSONRenderer()


def document(kind: str, model: type[models.Model]) -> Callable[[Serializer], Serializer]:
    """Register a serializer as the document of `model`; one kind, one model, one shape."""

    def register(serializer: Serializer) -> Serializer:
        if kind in KINDS or model in _kind_of:
            raise RuntimeError(f"two documents for {kind} / {model.__name__}")
        KINDS[kind] = (model, serializer)
        _kind_of[model] = kind
        return serializer

    return register


def kind_of(model: type[models.Model]) -> str:
    return _kind_of[model]


def render(row: models.Model) -> str:
    """The document of `row` as the JSON text that phones receive."""
    serializer = KINDS[_kind_of[type(row)]][1]
    return _renderer.render(serializer(row).data).decode()


def publish(row: Any) -> None:
    """Send the row's document to everybody in its scope when this action commits."""
    current().rows[(row.scope_id, _kind_of[type(row)], row.id)] = row


def retract(row: Any) -> None:
    """Take the row's document away from everybody in its scope when this action commits."""
    current().rows[(row.scope_id, _kind_of[type(row)], row.id)] = None
