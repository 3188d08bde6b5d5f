"""Fields about a person, with bounds against slips of the hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, TypedDict

from rest_framework import serializers

from recovery.actions import ActionInput, fields
from recovery.people import rules

LONGEST_NAME = 400  # a bound against pasted documents, not against names


class NamePart(fields.Name):
    """Part of a name, or the whole of it."""

    default_error_messages = {
        "no_letter": "“{typed}” has no letter. Please write the name as it is on the papers."
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_NAME, allow_blank=True, **options)

    def to_internal_value(self, data: Any) -> str:
        name = str(super().to_internal_value(data))
        if name and not any(character.isalpha() for character in name):
            self.fail("no_letter", typed=name)
        return name


class BirthDate(serializers.DateField):
    """A date of birth: not in the future, and at most 120 years ago."""

    default_error_messages = {
        "range": (
            "You typed {typed}. A date of birth is between {first} and {last}."
            " Please check the year."
        )
    }

    def to_internal_value(self, value: Any) -> date:
        day = super().to_internal_value(value)
        # Somewhere it is tomorrow already. `minimum_age` is judged by the programme's own date.
        last = self.context["now"].date() + timedelta(days=1)
        first = rules.earliest_birth(last)
        if not first <= day <= last:
            self.fail("range", typed=day, first=first, last=last)
        return day


class Name(TypedDict):
    """The parts of a name. At least one is not empty."""

    given_name: str
    family_name: str
    name_text: str


class Named(ActionInput):
    """`given_name`, `family_name` or `name_text`: one of them is enough."""

    given_name = NamePart(default="")
    family_name = NamePart(default="")
    name_text = NamePart(default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not any(attrs[part] for part in rules.NAME_PARTS):
            raise serializers.ValidationError(
                {"given_name": ["Please give a name. One name is enough, in any of the fields."]}
            )
        return attrs
