"""The inputs of actions: DRF serializers that refuse what they do not know."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework import serializers

from recovery.actions.errors import NotFound
from recovery.feed.models import Scoped


class ActionInput(serializers.Serializer[Any]):
    """The named fields of an action. Context: `actor`, `now`. Unknown fields are refused."""

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        unknown = {name: ["There is no such field."] for name in data if name not in self.fields}
        if unknown:
            raise serializers.ValidationError(unknown)
        return value


class Ref(serializers.UUIDField):
    """A row by its id, loaded through `visible_to(actor)`: unseen and unknown are the same."""

    def __init__(self, model: type[Scoped], *, lock: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.model = model
        self.lock = lock

    def to_internal_value(self, data: Any) -> models.Model:  # type: ignore[override]
        row_id = super().to_internal_value(data)
        rows = self.model.objects.visible_to(self.context["actor"])
        if self.lock:
            rows = rows.select_for_update(no_key=True, of=("self",))
        row = rows.filter(id=row_id).first()
        if row is None:
            raise NotFound
        return row
