"""The inputs of actions: DRF serializers that reject unknown fields."""

from __future__ import annotations

import functools
import threading
import uuid
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.db import connection, models
from rest_framework import serializers

from foundation.problems import NotFound
from recovery.feed.models import Scoped

# Placeholders for the actor and the row id in a cached query, replaced at each call.
ACTOR, ROW = uuid.UUID(int=1), uuid.UUID(int=2)

# Levels of nesting: more than any action needs, and far below Python's recursion limit.
DEEPEST = 50


class ActionInput(serializers.Serializer[Any]):
    """The fields of an action. The context holds `actor` and `now`. Unknown fields are rejected."""

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        unknown = {name: ["There is no such field."] for name in data if name not in self.fields}
        if unknown:
            raise serializers.ValidationError(unknown)
        return value


def checked(kind: type[serializers.Serializer[Any]], data: Any, context: Any) -> dict[str, Any]:
    """Validate `data` as an input of this kind. Raises ValidationError, or NotFound for a Ref."""
    if data is None:
        raise serializers.ValidationError({"body": ["This must be an object."]})
    if not getattr(kind, "takes_deep", False) and not is_shallow(data):
        raise serializers.ValidationError({"body": ["This is nested too deeply."]})
    if kind not in _cache.serializers:
        _cache.serializers[kind] = kind()
    serializer = _cache.serializers[kind]
    serializer._context = context  # the only per-request state that a serializer keeps
    return dict(serializer.run_validation(data))


def is_shallow(data: Any, levels: int = DEEPEST) -> bool:
    """Whether nothing in it is nested more deeply than any action needs."""
    if not isinstance(data, dict | list):
        return True
    inner = data.values() if isinstance(data, dict) else data
    return levels > 0 and all(is_shallow(each, levels - 1) for each in inner)


class _Cache(threading.local):
    """One serializer per input and thread: creating one copies every field, which is slow."""

    def __init__(self) -> None:
        self.serializers: dict[type[serializers.Serializer[Any]], Any] = {}


_cache = _Cache()


class Ref(serializers.UUIDField):
    """A row given by its id, loaded through `visible_to(actor)`.

    Raises NotFound whether the row does not exist or is only invisible to the actor.
    """

    def __init__(self, model: type[Scoped], *, lock: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.model = model
        self.lock = lock

    def to_internal_value(self, data: Any) -> models.Model:  # type: ignore[override]
        row_id = super().to_internal_value(data)
        lookup = _lookup(self.model, self.lock)
        values = {ACTOR: self.context["actor"].id, ROW: row_id}
        with connection.cursor() as cursor:
            cursor.execute(lookup.sql, [values.get(p, p) for p in lookup.parameters])
            row = cursor.fetchone()
        if row is None:
            raise NotFound
        return self.model.from_db(connection.alias, lookup.columns, lookup.converted(row))


@dataclass(frozen=True)
class Lookup:
    """The compiled query that loads a row.

    Compiling it for each call took a third of an action's time, and Django's raw query takes as
    long as PostgreSQL itself.
    """

    sql: str
    parameters: tuple[Any, ...]
    columns: list[str]
    converters: dict[int, tuple[list[Any], Any]]

    def converted(self, values: tuple[Any, ...]) -> list[Any]:
        """Convert the values from the database to those of the model."""
        row = list(values)
        for n, (converters, column) in self.converters.items():
            for convert in converters:
                row[n] = convert(row[n], column, connection)
        return row


@functools.cache
def _lookup(model: type[Scoped], lock: bool) -> Lookup:
    rows = model.objects.visible_to(SimpleNamespace(id=ACTOR)).filter(id=ROW)
    if lock:
        rows = rows.select_for_update(no_key=True, of=("self",))
    compiler = rows.query.get_compiler(connection.alias)
    sql, parameters = compiler.as_sql()
    selected = [column for column, _, _ in compiler.select]
    columns = [column.target.attname for column in selected]
    return Lookup(sql, parameters, columns, compiler.get_converters(selected))
