"""What a person may answer in an exercise. Every answer is optional."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from foundation.text import storable
from recovery.actions.fields import Text, Whole
from recovery.practice.rules.exercise import fields_of

DAY = 24 * 60 * 60

AnswerField = serializers.Field[Any, Any, Any, Any]


def read_answers(
    steps: list[dict[str, Any]], answers: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers by field id, without those that are null, and what could not be read of them."""
    fields = {field["id"]: _answer_field(field) for field in fields_of(steps)}
    read: dict[str, Any] = {}
    unread: dict[str, Any] = {}
    for name, answer in answers.items():
        plain = storable(answer) if isinstance(answer, str) else answer
        try:
            read[name] = _read(fields.get(name), plain)
        except serializers.ValidationError:
            unread[name] = answer
        if plain != answer:
            unread[name] = answer
    return {name: answer for name, answer in read.items() if answer is not None}, unread


def _read(field: AnswerField | None, answer: Any) -> Any:
    if field is None:
        raise serializers.ValidationError("This version has no such field.")
    return None if answer is None else field.run_validation(answer)


def _answer_field(field: dict[str, Any]) -> AnswerField:
    """The serializer field that takes an answer to this field of an exercise."""
    match field["type"]:
        case "text":
            return Text(max_length=4000, allow_blank=True)
        case "list":
            line = Text(max_length=600, allow_blank=True)
            return serializers.ListField(child=line, max_length=field.get("max", 20))
        case "scale":
            return Whole(min_value=0, max_value=10)
        case "percent":
            return Whole(min_value=0, max_value=100)
        case "timer":
            # The seconds spent, which may be fewer or more than the exercise proposes.
            return Whole(min_value=0, max_value=DAY)
    choice = serializers.ChoiceField([option["id"] for option in field["options"]])
    if not field.get("many"):
        return choice
    return serializers.ListField(child=choice, max_length=len(field["options"]))
