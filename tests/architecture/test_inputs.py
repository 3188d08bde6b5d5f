"""Inputs are created once per thread, so they must keep no state between requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework import serializers

from recovery.actions.inputs import checked
from recovery.actions.registry import ACTIONS, Action

Field = serializers.Field[Any, Any, Any, Any]


class ActorInput(serializers.Serializer[Any]):
    """Returns the actor."""

    def validate(self, attrs: Any) -> dict[str, Any]:
        return {"by": self.context["actor"]}


def fields(field: Field) -> Iterator[Field]:
    yield field
    inner = getattr(field, "child", None)
    children = [inner] if inner else list(getattr(field, "fields", {}).values())
    for child in children:
        yield from fields(child)


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: str(action.name))
def test_no_default_could_be_shared(action: Action) -> None:
    defaults = [field.default for field in fields(action.input())]
    assert [each for each in defaults if isinstance(each, list | dict | set)] == []


def test_each_request_is_validated_with_its_own_actor() -> None:
    assert [checked(ActorInput, {}, {"actor": name})["by"] for name in ("ana", "ben")] == [
        "ana",
        "ben",
    ]


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: str(action.name))
@pytest.mark.parametrize("data", [None, [], "words", 1, True], ids=repr)
def test_a_body_that_is_no_object_is_refused_by_name(action: Action, data: Any) -> None:
    with pytest.raises(serializers.ValidationError) as refused:
        checked(action.input, data, {})
    assert isinstance(refused.value.detail, dict)
