"""The inputs of actions: DRF serializers that refuse what they do not know."""

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

# Stand for whoever asks and for the row they name, where a query is kept for all of them.
ACTOR, ROW = uuid.UUID(int=1), uuid.UUID(int=2)

DEEPEST = 50


class ActionInput(serializers.Serializer[Any]):
    """The named fields of an action. Context: `actor`, `now`. Unknown fields are refused."""

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        unknown = {name: ["There is no such field."] for name in data if name not in self.fields}
        if unknown:
            raise serializers.ValidationError(unknown)
        return value


def checked(kind: type[serializers.Serializer[Any]], data: Any, context: Any) -> dict[str, Any]:
    """What `data` says as an input of this kind. Raises ValidationError, or NotFound for a Ref."""
    if data is None:
        raise serializers.ValidationError({"body": ["An object is needed here."]})
    if not _can_be_followed(data):
        raise serializers.ValidationError({"body": ["This is nested too deeply."]})
    if kind not in _made.of:
        _made.of[kind] = kind()
    serializer = _made.of[kind]
    serializer._context = context  # all that it keeps
    return dict(serializer.run_validation(data))


def _can_be_followed(data: Any, levels: int = DEEPEST) -> bool:
    """Whether the input is nested no deeper than any action needs, far below Python's limit."""
    if not isinstance(data, dict | list):
        return True
    inner = data.values() if isinstance(data, dict) else data
    return levels > 0 and all(_can_be_followed(each, levels - 1) for each in inner)


class _Made(threading.local):
    """This thread's inputs, made once: DRF copies every field for each new one."""

    def __init__(self) -> None:
        self.of: dict[type[serializers.Serializer[Any]], Any] = {}


_made = _Made()


class Ref(serializers.UUIDField):
    """A row by its id, loaded through `visible_to(actor)`: unseen and unknown are the same."""

    def __init__(self, model: type[Scoped], *, lock: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.model = model
        self.lock = lock

    def to_internal_value(self, data: Any) -> models.Model:  # type: ignore[override]
        row_id = super().to_internal_value(data)
        lookup = _lookup(self.model, self.lock)
        meant = {ACTOR: self.context["actor"].id, ROW: row_id}
        with connection.cursor() as cursor:
            cursor.execute(lookup.sql, [meant.get(p, p) for p in lookup.parameters])
            values = cursor.fetchone()
        if values is None:
            raise NotFound
        return self.model.from_db(connection.alias, lookup.columns, lookup.loaded(values))


@dataclass(frozen=True)
class Lookup:
    """The query that finds a row. Building it anew each time was a third of an action, and
    Django's raw query takes as long again as PostgreSQL does."""

    sql: str
    parameters: tuple[Any, ...]
    columns: list[str]
    converters: dict[int, tuple[list[Any], Any]]

    def loaded(self, values: tuple[Any, ...]) -> list[Any]:
        """The values as the model has them."""
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
    read = [column for column, _, _ in compiler.select]
    columns = [column.target.attname for column in read]
    return Lookup(sql, parameters, columns, compiler.get_converters(read))
