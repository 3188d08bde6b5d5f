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
from recovery.feed.conflicts import Policy
from recovery.feed.ids import IdRule
from recovery.feed.models import FeedEntry
from recovery.feed.scopes import AUDIENCES

Serializer = type[BaseSerializer[Any]]
_renderer = JSONRenderer()


@dataclass(frozen=True)
class Kind:
    """How phones see the rows of one model.

    `scopes`: the kinds of scopes that they live in. `ids`: where their ids come from. `actions`:
    what publishes them. `shown` selects the rows that are on phones; None means all of them.
    `said_at` names the field that holds the time at which a person wrote the row, if people write
    it: such rows are hidden from members who join later, and leave the feed when they are old
    (ageing.py).
    """

    name: str
    model: type[models.Model]
    serializer: BaseSerializer[Any]
    conflict: Policy
    scopes: tuple[str, ...]
    ids: IdRule
    actions: tuple[str, ...]
    shown: Callable[[Any], bool] | None = None
    said_at: str | None = None


KINDS: dict[str, Kind] = {}
_kind_of: dict[type[models.Model], Kind] = {}


def document(
    name: str,
    model: type[models.Model],
    *,
    conflict: Policy,
    scopes: tuple[str, ...],
    ids: IdRule,
    actions: tuple[str, ...],
    shown: Callable[[Any], bool] | None = None,
    said_at: str | None = None,
) -> Callable[[Serializer], Serializer]:
    """Register a serializer as the document of `model`. Each model has one kind.

    `conflict` says what happens to a change by a phone that did not have the latest document.
    Who writes an app reads all of this in `GET /api/documents`.
    `shown` may use nothing but the row, so that the feed can be rebuilt from the rows alone.
    """

    def register(serializer: Serializer) -> Serializer:
        if name in KINDS or model in _kind_of:
            raise RuntimeError(f"two documents for {name} / {model.__name__}")
        if not scopes or set(scopes) - AUDIENCES.keys():
            raise RuntimeError(f"{name}: name the kinds of scopes it lives in, of AUDIENCES")
        # All rows of the kind share one serializer: creating its fields for each row took as long
        # as the rest of rendering.
        kind = Kind(name, model, serializer(), conflict, scopes, ids, actions, shown, said_at)
        KINDS[name] = _kind_of[model] = kind
        return serializer

    return register


def kind_of(model: type[models.Model]) -> str:
    return _kind_of[model].name


def render(row: models.Model) -> str:
    """The document of `row` as the JSON text that phones receive."""
    return _renderer.render(_kind_of[type(row)].serializer.to_representation(row)).decode()


def projection(row: models.Model) -> str | None:
    """The document of `row`, or None if phones do not show it."""
    shown = _kind_of[type(row)].shown
    return render(row) if shown is None or shown(row) else None


def said_at(row: models.Model) -> datetime | None:
    """When a person wrote the row; None for kinds that people do not write."""
    field = _kind_of[type(row)].said_at
    return getattr(row, field) if field else None


def has_left(row: models.Model, aged_until: datetime | None) -> bool:
    """Whether the row is too old for the feed of its scope, which holds nothing written up to
    `aged_until`. flush.sql has the same rule."""
    written = said_at(row)
    return written is not None and aged_until is not None and written <= aged_until


def publish(row: Any) -> None:
    """Send the row's document to every member of its scope when this action commits."""
    current().rows[(row.scope_id, kind_of(type(row)), row.id)] = row


def retract(row: Any) -> None:
    """Delete the row's document from every phone, because the row is about to be deleted."""
    current().rows[(row.scope_id, kind_of(type(row)), row.id)] = None


def seq_of(row: Any) -> int:
    """The seq at which the row was last published, or 0 if it never was."""
    entries = FeedEntry.objects.filter(
        scope_id=row.scope_id, kind=kind_of(type(row)), object_id=row.id
    )
    return entries.values_list("seq", flat=True).first() or 0
