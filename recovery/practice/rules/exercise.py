"""The format of an exercise. The files under `content/exercises` and the action that publishes them
are validated by the same serializers."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from foundation.text import first_twice
from recovery.actions import ActionInput
from recovery.actions.fields import Code, Text
from recovery.people.rules import LOCALES

METHODS = ("cbt", "dbt_informed", "rebt", "mi", "matrix", "mindfulness")
NEEDS = (
    "craving",
    "trigger",
    "anxiety",
    "low_mood",
    "anger",
    "shame",
    "lonely",
    "trauma_memory",
    "cannot_sleep",
    "motivation",
    "drift",
)
# What is rated 0-10 before and after. -1: lower is better; 1: higher is better.
BETTER = {"craving": -1, "distress": -1, "confidence": 1}
# The settings of each type of field beside id, type and label. True: required.
SETTINGS: dict[str, dict[str, bool]] = {
    "text": {"hint": False},
    "list": {"hint": False, "max": False},
    "scale": {"low": True, "high": True},
    "percent": {},
    "choice": {"options": True, "many": False},
    "timer": {"seconds": True},
}

identifier = RegexValidator(r"^[a-z][a-z0-9_]*\Z", "Small letters, digits and _ only.")


class Words(serializers.DictField):
    """One text in every language that ships: `{"en": "...", "es": "..."}`."""

    child = Text(max_length=600)
    required_locales = LOCALES

    def to_internal_value(self, data: Any) -> dict[str, str]:
        words: dict[str, str] = super().to_internal_value(data)
        missing = {locale: ["Not translated."] for locale in LOCALES if locale not in words}
        unknown = {locale: ["No such language."] for locale in words if locale not in LOCALES}
        if missing or unknown:
            raise serializers.ValidationError(missing | unknown)
        return words


class OptionSpec(ActionInput):
    id = Text(max_length=40, validators=[identifier])
    label = Words()  # type: ignore[assignment]  # a serializer has a label of its own


class FieldSpec(ActionInput):
    """One thing to fill in. Scales run 0-10, percent 0-100, timers are seconds."""

    id = Text(max_length=40, validators=[identifier])
    type = serializers.ChoiceField(list(SETTINGS))
    label = Words()  # type: ignore[assignment]
    hint = Words(required=False)
    low = Words(required=False)
    high = Words(required=False)
    max = serializers.IntegerField(min_value=1, max_value=50, required=False)
    many = serializers.BooleanField(required=False)  # type: ignore[assignment]
    options = OptionSpec(many=True, allow_empty=False, required=False)
    seconds = serializers.IntegerField(min_value=5, max_value=3600, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        takes = SETTINGS[attrs["type"]]
        problems = {
            name: [f"A {attrs['type']} field has none."]
            for name in attrs.keys() - takes.keys() - {"id", "type", "label"}
        } | {
            name: [f"A {attrs['type']} field needs it."]
            for name, needed in takes.items()
            if needed and name not in attrs
        }
        if problems:
            raise serializers.ValidationError(problems)
        return attrs

    def validate_options(self, options: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for locale in LOCALES:
            if twice := first_twice(option["label"][locale] for option in options):
                raise serializers.ValidationError(f"Two options look the same: {twice}")
        return all_different("option", options)


class StepSpec(ActionInput):
    """One screen: text, and fields to fill in."""

    id = Text(max_length=40, validators=[identifier])
    title = Words()
    text = Words(required=False)
    fields_ = FieldSpec(many=True, required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # A serializer has an attribute `fields` of its own, so the class cannot use this name.
        fields = super().get_fields()
        fields["fields"] = fields.pop("fields_")
        return fields


class RatingSpec(ActionInput):
    """What the person rates 0-10 before and after."""

    about = serializers.ChoiceField(list(BETTER))
    question = Words()


class ExerciseSpec(ActionInput):
    """One exercise at one version, in every language."""

    id = serializers.UUIDField()
    slug = Code(max_length=60)
    version = serializers.IntegerField(min_value=1, max_value=32_767)
    withdrawn = serializers.BooleanField(default=False)
    method = serializers.ChoiceField(METHODS)
    needs = serializers.ListField(child=serializers.ChoiceField(NEEDS), allow_empty=False)
    minutes = serializers.IntegerField(min_value=1, max_value=120)
    title = Words()
    summary = Words()
    caution = Words(required=False)
    rating = RatingSpec()
    steps = StepSpec(many=True, allow_empty=False)

    def validate_steps(self, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
        all_different("field", fields_of(steps))
        return all_different("step", steps)


def fields_of(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every field of every step. An answer names only the field, not the step."""
    return [field for step in steps for field in step.get("fields", ())]


def all_different(what: str, named: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the list. ValidationError: two items have the same id."""
    ids = [each["id"] for each in named]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if twice:
        raise serializers.ValidationError(f"More than one {what} is called {', '.join(twice)}.")
    return named


def plain(content: Any) -> Any:
    """Validated content as plain JSON values."""
    if isinstance(content, dict):
        return {key: plain(value) for key, value in content.items()}
    if isinstance(content, list):
        return [plain(value) for value in content]
    return content if isinstance(content, int | str) else str(content)
