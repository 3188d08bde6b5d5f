"""A handler whose parameters are not the fields of its input is refused at registration."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypedDict, Unpack

import pytest
from rest_framework import serializers

from recovery.actions import ActionInput, Call, action
from recovery.actions.registry import ACTIONS
from recovery.actions.rules import anyone_signed_in

NAME = "testing.write"


class Write(ActionInput):
    """`id` is required, `mood` has a default, `note` may be absent."""

    id = serializers.UUIDField()
    secret = serializers.CharField(write_only=True)
    mood = serializers.ChoiceField(["well", "unwell"], default="well")
    note = serializers.CharField(required=False)


class Rest(TypedDict, total=False):
    note: str


class NoteRequired(TypedDict):
    note: str


def fitting(call: Call, *, id: uuid.UUID, secret: str, mood: str, note: str = "") -> None:
    pass


def with_a_mapping(
    call: Call, *, id: uuid.UUID, secret: str, mood: str, **rest: Unpack[Rest]
) -> None:
    pass


def missing(call: Call, *, id: uuid.UUID, mood: str, note: str = "") -> None:
    pass


def extra(
    call: Call, *, id: uuid.UUID, secret: str, mood: str, colour: str, note: str = ""
) -> None:
    pass


def extra_with_a_default(
    call: Call, *, id: uuid.UUID, secret: str, mood: str, colour: str = "", note: str = ""
) -> None:
    pass


def default_for_a_required_field(
    call: Call, *, secret: str, mood: str, id: uuid.UUID | None = None, note: str = ""
) -> None:
    pass


def default_for_a_field_with_a_default(
    call: Call, *, id: uuid.UUID, secret: str, mood: str = "well", note: str = ""
) -> None:
    pass


def no_default_where_one_is_needed(
    call: Call, *, id: uuid.UUID, secret: str, mood: str, note: str
) -> None:
    pass


def required_in_the_mapping(
    call: Call, *, id: uuid.UUID, secret: str, mood: str, **rest: Unpack[NoteRequired]
) -> None:
    pass


def anything(call: Call, *, id: uuid.UUID, secret: str, mood: str, **rest: Any) -> None:
    pass


def positional(call: Call, id: uuid.UUID, *, secret: str, mood: str, note: str = "") -> None:
    pass


def register(handler: Callable[..., None]) -> None:
    action(NAME, input=Write, allow=anyone_signed_in)(handler)


@pytest.mark.parametrize("handler", [fitting, with_a_mapping])
def test_a_handler_that_fits_is_registered(handler: Callable[..., None]) -> None:
    register(handler)
    assert ACTIONS.pop(NAME).run is handler


@pytest.mark.parametrize(
    ("handler", "problems"),
    [
        (missing, "parameter 'secret' is missing"),
        (extra, "'colour' is not a field of the input"),
        (extra_with_a_default, "'colour' is not a field of the input"),
        (
            default_for_a_required_field,
            "parameter 'id' has a default, but the field is always present",
        ),
        (
            default_for_a_field_with_a_default,
            "parameter 'mood' has a default, but the field is always present",
        ),
        (
            no_default_where_one_is_needed,
            "parameter 'note' needs a default, because the field may be absent",
        ),
        (
            required_in_the_mapping,
            "parameter 'note' needs a default, because the field may be absent",
        ),
        (anything, "'**rest' is not a field of the input; parameter 'note' is missing"),
        (
            positional,
            "'id (positional)' is not a field of the input; parameter 'id' is missing",
        ),
    ],
)
def test_any_difference_is_refused_by_name(handler: Callable[..., None], problems: str) -> None:
    before = dict(ACTIONS)
    with pytest.raises(RuntimeError) as refusal:
        register(handler)
    assert str(refusal.value) == f"action {NAME}: {problems}"
    assert before == ACTIONS


def test_a_second_action_of_the_same_name_is_refused() -> None:
    register(fitting)
    before = dict(ACTIONS)
    with pytest.raises(RuntimeError, match=f"two actions are called {NAME}"):
        register(with_a_mapping)
    assert before == ACTIONS
    del ACTIONS[NAME]
