"""Inputs of actions: examples made from the fields, and whether an input still fits them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from foundation.problems import NotFound
from recovery.actions.inputs import ActionInput, Ref
from recovery.actions.registry import SYSTEM, Action
from tests.cast import content, preset, shipped
from tests.golden.specimens import AT, NAMESPACE

Field = serializers.Field[Any, Any, Any, Any]
CONTEXT = {"actor": SYSTEM, "now": AT}
# Too particular to be made from fields: what ships, and what only a device could make.
WHOLE: dict[str, Callable[[], dict[str, Any]]] = {
    "care.load_programme": lambda: {"preset": preset()},
    "practice.publish_exercise": lambda: dict(content("urge-surfing")),
    "privacy.publish_consent_form": lambda: shipped("consent.peer_group_visibility.2026-02"),
    "privacy.publish_notice": lambda: shipped("notice.2026-02"),
}
P256 = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEjlM7b6C/e0YluzBmfAH7YH75+LioD+9b"
    "MAYocDGHsqNz6x294DMYNm0Gn4Om9ZAAU8c2M8sEGyHFXhqGwfQAtA=="
)
BY_NAME = {
    "id": "018f0000-0000-7000-8000-000000000002",
    "attachments": ["0" * 64],
    "install": "a secret of the install",
    "public_key": P256,
    "value": "token-of-a-phone",
    "text_hash": "0" * 64,
    "time_zone": "America/New_York",
    "rule": "FREQ=WEEKLY;BYDAY=MO",
    "scope": "group:018f0000-0000-7000-8000-000000000001",
    "locale": "en",
}
BY_TYPE: list[tuple[type[Field], Any]] = [
    (serializers.BooleanField, True),
    (serializers.IntegerField, 1),
    (serializers.FloatField, 1.5),
    (serializers.DecimalField, "1.5"),
    (serializers.DateTimeField, "2026-03-02T15:00:00Z"),
    (serializers.DateField, "2026-03-02"),
    (serializers.TimeField, "18:30"),
    (serializers.EmailField, "ana@example.org"),
    (serializers.URLField, "https://example.org/"),
    (serializers.SlugField, "a-slug"),
    (serializers.CharField, "some words"),
]


def of_action(action: Action, *, bare: bool = False) -> dict[str, Any]:
    """An input of the action, with everything filled in or (`bare`) only what must be."""
    whole = WHOLE.get(action.name)
    data = whole() if whole else example(input_of(action), bare=bare)
    plain: dict[str, Any] = json.loads(json.dumps(data, default=str))
    return plain


def input_of(action: Action) -> ActionInput:
    return action.input(data={}, context=dict(CONTEXT))


def example(serializer: serializers.Serializer[Any], *, bare: bool = False) -> dict[str, Any]:
    fields = [field for field in serializer.fields.values() if not field.read_only]
    return {str(f.field_name): _value(f) for f in fields if f.required or not bare}


def misfits(serializer: serializers.Serializer[Any], data: dict[str, Any]) -> dict[str, str]:
    """The fields of `data` that the input would refuse by themselves. References are ids here:
    whether the rows exist, and how fields go together, is for the tests of the action."""
    problems = {name: "no such field" for name in data if name not in serializer.fields}
    for name, field in serializer.fields.items():
        try:
            _check(field, data.get(name, empty))
        except serializers.ValidationError as error:
            problems[name] = str(error.detail)
        except (serializers.SkipField, NotFound):
            continue
    return problems


def _check(field: Field, value: Any) -> None:
    if isinstance(field, Ref):
        plain = serializers.UUIDField(required=field.required, allow_null=field.allow_null)
        plain.run_validation(value)
    elif isinstance(field, serializers.Serializer) and isinstance(value, dict):
        if problems := misfits(field, value):
            raise serializers.ValidationError(problems)
    else:
        field.run_validation(value)


def _value(field: Field) -> Any:
    if field.field_name in BY_NAME:
        return BY_NAME[field.field_name]
    nested = _nested(field)
    return _plain(field) if nested is None else nested


def _nested(field: Field) -> Any:
    if isinstance(field, serializers.ListField):
        return [_value(field.child)]
    if isinstance(field, serializers.ListSerializer):
        return [example(field.child)]
    if isinstance(field, serializers.Serializer):
        return example(field)
    if isinstance(field, serializers.DictField | serializers.JSONField):
        return {"en": "words", "es": "palabras"}
    return None


def _plain(field: Field) -> Any:
    if isinstance(field, serializers.UUIDField):
        return str(uuid.uuid5(NAMESPACE, str(field.field_name)))
    if isinstance(field, serializers.ChoiceField):
        return next(iter(field.choices))
    if isinstance(field, serializers.IntegerField):
        return max(1, int(field.min_value or 1))
    return next((value for kind, value in BY_TYPE if isinstance(field, kind)), "some words")
