"""The settings of a programme, as in its preset file and as administrators change them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recovery.actions import ActionInput
from recovery.care.actions.inputs import WallTime, ZoneField
from recovery.care.rules.reminders import LONGEST_LEAD, MOST_LEADS
from recovery.people.rules import ADULT, LOCALES

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEK_HOURS = 7 * 24
LONGEST_LEAD_MINUTES = int(LONGEST_LEAD.total_seconds() // 60)


class Words(serializers.DictField):
    """A text by locale. English is required."""

    child = serializers.CharField(max_length=500)

    def to_internal_value(self, data: Any) -> Any:
        words = super().to_internal_value(data)
        if "en" not in words or not set(words) <= set(LOCALES):
            raise serializers.ValidationError("Give the text in en and, if you have one, in es.")
        return words


class Code(serializers.SlugField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, **options)


class Named(ActionInput):
    code = Code()
    name = Words()


class HouseRule(ActionInput):
    code = Code()
    text = Words()


class Asam(ActionInput):
    """Edition 3 (2013) or 4 (2023): the same code means different things in each."""

    edition = serializers.ChoiceField(choices=[3, 4])
    code = serializers.CharField(max_length=10)


def in_order(span: Any) -> Any:
    """Return `span`. ValidationError: min, target and max are not in this order."""
    if not span["min"] <= span.get("target", span["min"]) <= span["max"]:
        raise serializers.ValidationError("min, target and max must be in this order.")
    return span


class Span(ActionInput):
    min = serializers.FloatField(min_value=0)
    max = serializers.FloatField(min_value=0)

    def validate(self, attrs: Any) -> Any:
        return in_order(attrs)


class Hours(Span):
    min = serializers.FloatField(min_value=0, max_value=WEEK_HOURS)
    target = serializers.FloatField(min_value=0, max_value=WEEK_HOURS)
    max = serializers.FloatField(min_value=0, max_value=WEEK_HOURS)


class Days(ActionInput):
    min = serializers.IntegerField(min_value=0, max_value=7)
    max = serializers.IntegerField(min_value=0, max_value=7)

    def validate(self, attrs: Any) -> Any:
        return in_order(attrs)


class Level(Named):
    """Hours are per week. `group_hours_per_day` and `session_hours` are the usual values."""

    asam = Asam(allow_null=True)
    offered = serializers.BooleanField()
    hours_per_week = Hours()
    days_per_week = Days()
    group_hours_per_day = serializers.FloatField(min_value=0, max_value=24)
    session_hours = Span()


def lead_times() -> serializers.ListField:
    """How long before a session to remind, in minutes. An empty list means no reminders."""
    minutes = serializers.IntegerField(min_value=0, max_value=LONGEST_LEAD_MINUTES)
    return serializers.ListField(child=minutes, max_length=MOST_LEADS)


class Period(ActionInput):
    """From one local time to another. It may pass midnight."""

    def get_fields(self) -> Any:
        # `from` is a keyword of Python, so the class cannot have a field of this name.
        return super().get_fields() | {"from": WallTime(), "to": WallTime()}

    def validate(self, attrs: Any) -> Any:
        if attrs["from"] == attrs["to"]:
            raise serializers.ValidationError("The period must begin and end at different times.")
        # The settings are stored as JSON, so times become text again.
        return {name: _plain(value) for name, value in attrs.items()}


class StaffedHours(Period):
    days = serializers.ListField(
        child=serializers.ChoiceField(choices=WEEKDAYS), allow_empty=False, max_length=7
    )


class Track(StaffedHours):
    code = Code()
    name = Words()


class Reminders(ActionInput):
    lead_minutes = lead_times()
    medication_lead_minutes = lead_times()


class Course(ActionInput):
    """The usual length. No course ends by itself: staff decide."""

    usual_days = serializers.IntegerField(min_value=1, max_value=3650)
    ends_by_itself = serializers.BooleanField()

    def validate_ends_by_itself(self, value: bool) -> bool:
        if value:
            raise serializers.ValidationError("This must be false: care never ends by itself.")
        return value


class Helpline(Named):
    kind = Code()
    number = serializers.CharField(max_length=40)
    hours = serializers.CharField(max_length=80)


class FrontDesk(ActionInput):
    number = serializers.CharField(max_length=40)


class PrivacyContact(FrontDesk):
    title = Words()
    email = serializers.EmailField()


class Contacts(ActionInput):
    front_desk = FrontDesk()
    privacy = PrivacyContact()


class CheckInSettings(ActionInput):
    slots = serializers.ListField(child=Code(), allow_empty=False, max_length=8)
    questions = serializers.ListField(child=Code(), allow_empty=False, max_length=40)


class WhatHelps(ActionInput):
    minimum_runs = serializers.IntegerField(min_value=1, max_value=100)


class GroupSettings(ActionInput):
    size = Span()


class Announcements(ActionInput):
    """The weekly limit of announcements to alumni. Safety messages do not count."""

    per_person_per_week = serializers.IntegerField(min_value=0, max_value=50)


class Settings(ActionInput):
    """Everything that a programme can set for itself."""

    name = serializers.CharField(max_length=120)
    time_zone = ZoneField()
    locales = serializers.ListField(child=serializers.ChoiceField(choices=LOCALES))
    minimum_age = serializers.IntegerField(min_value=ADULT, max_value=120)
    part2_programme = serializers.BooleanField()
    course = Course()
    week_starts_on = serializers.ChoiceField(choices=WEEKDAYS)
    quiet_hours = Period()
    reminders = Reminders()
    staffed_hours = StaffedHours(many=True)
    reply_within_hours = serializers.IntegerField(min_value=1, max_value=24 * 14)
    levels = Level(many=True, allow_empty=False)
    tracks = Track(many=True)
    services = Named(many=True)
    therapies = serializers.ListField(child=Code())
    mutual_help = serializers.ListField(child=Code())
    topics = Named(many=True)
    conditions = serializers.ListField(child=Code())
    helplines = Helpline(many=True, allow_empty=False)
    contacts = Contacts()
    check_in = CheckInSettings()
    what_helps = WhatHelps()
    group = GroupSettings()
    house_rules = HouseRule(many=True)
    announcements = Announcements()

    def validate_levels(self, levels: list[dict[str, Any]]) -> list[dict[str, Any]]:
        codes = [level["code"] for level in levels]
        if len(set(codes)) < len(codes):
            raise serializers.ValidationError("Two levels have the same code.")
        return levels


class Preset(Settings):
    """The whole file: the settings and the programme they are for."""

    id = serializers.UUIDField()
    slug = Code()


def _plain(value: Any) -> Any:
    return value.strftime("%H:%M") if hasattr(value, "strftime") else value
