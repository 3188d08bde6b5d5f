"""A row of each model, made from the types of its fields alone: the same on every run."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import models

NAMESPACE = uuid.UUID("0d4fd4a2-6f0b-5c0e-9d57-3d8b4c7a9f10")
AT = datetime(2026, 3, 2, 15, 0, 0, 123456, tzinfo=UTC)
BY_TYPE: dict[type[models.Field[Any, Any]], Any] = {
    models.BooleanField: True,
    models.DateTimeField: AT,
    models.DateField: date(2026, 3, 2),
    models.TimeField: time(18, 30),
    models.DurationField: timedelta(minutes=90),
    models.DecimalField: Decimal("7.5"),
    models.FloatField: 2.5,
    models.IntegerField: 3,
    models.BinaryField: b"\x01\x02",
    models.EmailField: "ana@example.org",
}
# The texts of the library may change; the exercise that apps of schema 1 know stays as it was.
EXERCISE = Path(__file__).parent / "mutations" / "practice.publish_exercise.v1.json"
# Where a document is made from the inside of what is stored as JSON.
JSON = {
    "ExerciseVersion.content": lambda: json.loads(EXERCISE.read_text(encoding="utf-8"))[0],
    "ProgrammeCard.content": lambda: {"name": "Northlight", "helplines": [{"number": "988"}]},
}


def specimen(model: type[models.Model], *, bare: bool = False) -> Any:
    """Everything filled in, or (`bare`) nothing that may be left out."""
    row = model()
    for field in model._meta.concrete_fields:
        empty = bare and field.null
        if isinstance(field, models.ForeignKey) and not empty and field.related_model != model:
            setattr(row, field.name, specimen(field.related_model))
        elif isinstance(field, models.CompositePrimaryKey):
            continue
        else:
            setattr(row, field.attname, None if empty else _value(field))
    return row


def _value(field: models.Field[Any, Any]) -> Any:
    name = f"{field.model.__name__}.{field.name}"
    if isinstance(field, models.UUIDField | models.ForeignKey):
        return uuid.uuid5(NAMESPACE, name)
    if field.name == "unread":
        return {"newer_field": "as it was sent"}
    if isinstance(field, models.JSONField):
        return JSON.get(name, lambda: [f"{field.name} {n}" for n in (1, 2)])()
    if field.choices:
        return next(iter(field.flatchoices))[0]
    for kind in type(field).__mro__:
        if kind in BY_TYPE:
            return BY_TYPE[kind]
    return "en" if field.name == "locale" else f"{field.name} of {field.model.__name__}"
