"""What a person may answer in an exercise. Every answer is optional."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recovery.practice.rules.exercise import fields_of

DAY = 24 * 60 * 60

AnswerField = serializers.Field[Any, Any, Any, Any]


def check_answers(steps: list[dict[str, Any]], answers: dict[str, Any]) -> dict[str, Any]:
    """The valid answers by field id; null means not answered.

    Raises ValidationError with messages by field id, for invalid answers and unknown fields.
    """
    fields = {field["id"]: _answer_field(field) for field in fields_of(steps)}
    checked: dict[str, Any] = {}
    problems: dict[str, Any] = {}
    for name, answer in answers.items():
        try:
            checked[name] = _check(fields.get(name), answer)
        except serializers.ValidationError as error:
            problems[name] = error.detail
    if problems:
        raise serializers.ValidationError(problems)
    return {name: answer for name, answer in checked.items() if answer is not None}


def _check(field: AnswerField | None, answer: Any) -> Any:
    if field is None:
        raise serializers.ValidationError("This version has no such field.")
    return None if answer is None else field.run_validation(answer)


def _answer_field(field: dict[str, Any]) -> AnswerField:
    """The serializer field that takes an answer to this field of an exercise."""
    match field["type"]:
        case "text":
            return serializers.CharField(max_length=4000, allow_blank=True, trim_whitespace=False)
        case "list":
            line = serializers.CharField(max_length=600, allow_blank=True, trim_whitespace=False)
            return serializers.ListField(child=line, max_length=field.get("max", 20))
        case "scale":
            return serializers.IntegerField(min_value=0, max_value=10)
        case "percent":
            return serializers.IntegerField(min_value=0, max_value=100)
        case "timer":
            # The seconds spent, which may be fewer or more than the exercise proposes.
            return serializers.IntegerField(min_value=0, max_value=DAY)
    choice = serializers.ChoiceField([option["id"] for option in field["options"]])
    if not field.get("many"):
        return choice
    return serializers.ListField(child=choice, max_length=len(field["options"]))
