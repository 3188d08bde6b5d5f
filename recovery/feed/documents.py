"""Which model is published as which kind, and through which serializer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import BaseSerializer

from recovery.feed.collect import current
from recovery.feed.models import FeedEntry

Serializer = type[BaseSerializer[Any]]
_renderer = JSONRenderer()


@dataclass(frozen=True)
class Kind:
    """How rows of one model look on a phone, and which of them do (`shown`: None for all).

    `said_at` names the field with the time at which somebody said what the row holds: such rows
    are hidden from those who come later, and leave the feed when they are old (ageing.py).
    """

    name: str
    model: type[models.Model]
    serializer: BaseSerializer[Any]
    shown: Callable[[Any], bool] | None = None
    said_at: str | None = None


KINDS: dict[str, Kind] = {}
_kind_of: dict[type[models.Model], Kind] = {}


def document(
    name: str,
    model: type[models.Model],
    *,
    shown: Callable[[Any], bool] | None = None,
    said_at: str | None = None,
) -> Callable[[Serializer], Serializer]:
    """Register a serializer as the document of `model`; one kind, one model, one shape.

    `shown(row)` says whether the row is on phones at all, so that the feed can always be
    rebuilt from the rows alone.
    """

    def register(serializer: Serializer) -> Serializer:
        if name in KINDS or model in _kind_of:
            raise RuntimeError(f"two documents for {name} / {model.__name__}")
        # One serializer for all rows of the kind: making its fields anew for each row took as
        # long as all the rest of rendering it.
        KINDS[name] = _kind_of[model] = Kind(name, model, serializer(), shown, said_at)
        return serializer

    return register


def kind_of(model: type[models.Model]) -> str:
    return _kind_of[model].name


def render(row: models.Model) -> str:
    """The document of `row` as the JSON text that phones receive."""
    return _renderer.render(_kind_of[type(row)].serializer.to_representation(row)).decode()


def projection(row: models.Model) -> str | None:
    """The document of `row`, or None where it is not shown on phones."""
    shown = _kind_of[type(row)].shown
    return render(row) if shown is None or shown(row) else None


def said_at(row: models.Model) -> datetime | None:
    """When somebody said it; None for what nobody says."""
    field = _kind_of[type(row)].said_at
    return getattr(row, field) if field else None


def has_left(row: models.Model, aged_until: datetime | None) -> bool:
    """Whether the row is too old for the feed of its scope, which has let go of what was said
    up to `aged_until`. flush.sql says the same."""
    said = said_at(row)
    return said is not None and aged_until is not None and said <= aged_until


def publish(row: Any) -> None:
    """Bring everybody's copy up to date with the row when this action commits."""
    current().rows[(row.scope_id, kind_of(type(row)), row.id)] = row


def retract(row: Any) -> None:
    """Take the row's document away from everybody: the row itself is about to go."""
    current().rows[(row.scope_id, kind_of(type(row)), row.id)] = None


def seq_of(row: Any) -> int:
    """The number under which the row was last published; 0 when it never was."""
    entries = FeedEntry.objects.filter(
        scope_id=row.scope_id, kind=kind_of(type(row)), object_id=row.id
    )
    return entries.values_list("seq", flat=True).first() or 0
