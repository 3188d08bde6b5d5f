"""The form of `content/demonstration/*.yaml`: made-up people and what they begin with."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recovery.actions import ActionInput
from recovery.people import roles
from recovery.people.actions.inputs import Named
from recovery.people.rules import LOCALES


class Key(serializers.SlugField):
    """The name of a person or group in this file."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, **options)


class Person(Named):
    """`given_name`, `family_name` or `name_text`: one of them is enough."""

    key = Key()
    email = serializers.EmailField()


class Staff(Person):
    role = serializers.ChoiceField(choices=roles.STAFF_ROLES)


class Patient(Person):
    date_of_birth = serializers.DateField()
    locale = serializers.ChoiceField(choices=LOCALES)
    level = Key()


class Member(ActionInput):
    key = Key()
    alias = serializers.CharField()
    avatar = serializers.CharField()


class Series(ActionInput):
    title = serializers.CharField()
    kind = Key()
    rule = serializers.CharField()
    times = serializers.ListField(child=serializers.TimeField(), allow_empty=False)
    minutes = serializers.IntegerField()
    place = serializers.CharField()


class Group(ActionInput):
    key = Key()
    name = serializers.CharField()
    leader = Key()
    alias = serializers.CharField()
    members = Member(many=True)
    series = Series()


class Assignment(ActionInput):
    patient = Key()
    exercise = Key()
    note = serializers.CharField(allow_blank=True)


class DemonstrationFile(ActionInput):
    """`counsellor` admits all patients; `coordinator` stays with the alumni."""

    programme = Key()
    staff = Staff(many=True, allow_empty=False)
    counsellor = Key()
    coordinator = Key()
    patients = Patient(many=True)
    alumni = serializers.ListField(child=Key())
    groups = Group(many=True)
    assignments = Assignment(many=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        staff = [each["key"] for each in attrs["staff"]]
        patients = [each["key"] for each in attrs["patients"]]
        keys = [*staff, *patients]
        wrong = {key: "is there twice" for key in keys if keys.count(key) > 1}
        leaders = (group["leader"] for group in attrs["groups"])
        wrong |= {
            key: "is not one of the staff"
            for key in (attrs["counsellor"], attrs["coordinator"], *leaders)
            if key not in staff
        }
        members = (member["key"] for group in attrs["groups"] for member in group["members"])
        assigned = (assignment["patient"] for assignment in attrs["assignments"])
        wrong |= {
            key: "is not one of the patients"
            for key in (*attrs["alumni"], *members, *assigned)
            if key not in patients
        }
        if wrong:
            raise serializers.ValidationError([f"{key} {why}." for key, why in wrong.items()])
        return attrs
