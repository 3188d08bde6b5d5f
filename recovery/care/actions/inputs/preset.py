"""The settings of a programme, as in its preset file and as administrators change them."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from recovery.actions import ActionInput
from recovery.actions.fields import Code, MailAddress, Number, Text, TimeZone
from recovery.care.actions.inputs import WallTime
from recovery.care.models.session import KINDS
from recovery.care.rules.reminders import LONGEST_LEAD, MOST_LEADS, URGENT_WITHIN_HOURS
from recovery.care.rules.settings import (
    ALUMNI,
    ANSWERS,
    NUMBER,
    SLOTS,
    missing_helplines,
    twice,
)
from recovery.people.rules import ADULT, LOCALES

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEK_HOURS = 7 * 24
LONGEST_LEAD_MINUTES = int(LONGEST_LEAD.total_seconds() // 60)


class Words(serializers.DictField):
    """A text by locale. English is required."""

    child = Text(max_length=500)
    required_locales = ("en",)

    def to_internal_value(self, data: Any) -> Any:
        words = super().to_internal_value(data)
        if "en" not in words or not set(words) <= set(LOCALES):
            raise serializers.ValidationError("Give the text in en and, if you have one, in es.")
        return words


class Named(ActionInput):
    code = Code()
    name = Words()


class HouseRule(ActionInput):
    code = Code()
    text = Words()


class Asam(ActionInput):
    """Edition 3 (2013) or 4 (2023): the same code means different things in each."""

    edition = serializers.ChoiceField(choices=[3, 4])
    code = Text(max_length=10)


def in_order(span: Any) -> Any:
    """Return `span`. ValidationError: min, target and max are not in this order."""
    if not span["min"] <= span.get("target", span["min"]) <= span["max"]:
        raise serializers.ValidationError("min, target and max must be in this order.")
    return span


class Span(ActionInput):
    min = Number(min_value=0)
    max = Number(min_value=0)

    def validate(self, attrs: Any) -> Any:
        return in_order(attrs)


class Hours(Span):
    min = Number(min_value=0, max_value=WEEK_HOURS)
    target = Number(min_value=0, max_value=WEEK_HOURS)
    max = Number(min_value=0, max_value=WEEK_HOURS)


class Days(ActionInput):
    min = serializers.IntegerField(min_value=0, max_value=7)
    max = serializers.IntegerField(min_value=0, max_value=7)

    def validate(self, attrs: Any) -> Any:
        return in_order(attrs)


class Level(Named):
    """Hours are per week.

    `sessions`: the kinds of session that the level has. When a change of level takes a kind away,
    sessions of it stop. Without the list it has all.
    """

    asam = Asam(allow_null=True)
    offered = serializers.BooleanField()
    hours_per_week = Hours()
    days_per_week = Days()
    sessions = serializers.ListField(
        child=serializers.ChoiceField(choices=KINDS), max_length=len(KINDS), required=False
    )


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
    """`urgent_within_hours`: a change of a session that starts within this many hours is shown at
    once. Any other change waits until each person's quiet hours are over."""

    lead_minutes = lead_times()
    urgent_within_hours = serializers.IntegerField(
        min_value=0, max_value=24, default=URGENT_WITHIN_HOURS
    )


class Course(ActionInput):
    """The usual length. No course ends by itself: staff decide."""

    usual_days = serializers.IntegerField(min_value=1, max_value=3650)


def telephone() -> Text:
    """A number as people read and dial it."""
    digits = RegexValidator(NUMBER, "Write a telephone number, in digits.")
    return Text(max_length=40, validators=[digits])


class Helpline(Named):
    kind = Code()
    number = telephone()
    hours = Text(max_length=80)


class FrontDesk(ActionInput):
    number = telephone()


class PrivacyContact(FrontDesk):
    title = Words()
    email = MailAddress()


class Contacts(ActionInput):
    front_desk = FrontDesk()
    privacy = PrivacyContact()


class CheckInSettings(ActionInput):
    slots = serializers.ListField(child=serializers.ChoiceField(SLOTS), allow_empty=False)
    questions = serializers.ListField(child=serializers.ChoiceField(ANSWERS), allow_empty=False)


class WhatHelps(ActionInput):
    minimum_runs = serializers.IntegerField(min_value=1, max_value=100)


class GroupSettings(ActionInput):
    size = Span()


class Announcements(ActionInput):
    """The weekly limit of announcements to alumni. Safety messages do not count."""

    per_person_per_week = serializers.IntegerField(min_value=0, max_value=50)


class Settings(ActionInput):
    """Everything that a programme can set for itself. `help_text` says what obeys a setting."""

    name = Text(max_length=120, help_text="In notices, consents and lists.")
    time_zone = TimeZone(help_text="Days and weeks of the programme begin in it.")
    locales = serializers.ListField(
        child=serializers.ChoiceField(choices=LOCALES),
        allow_empty=False,
        help_text="Languages that staff speak. Phones show them.",
    )
    minimum_age = serializers.IntegerField(
        min_value=ADULT, max_value=120, help_text="Nobody younger is admitted."
    )
    part2_programme = serializers.BooleanField(
        help_text="Whether 42 CFR Part 2 applies. Phones show it with the notice."
    )
    course = Course(help_text="Phones show the usual length. Nothing ends because of it.")
    week_starts_on = serializers.ChoiceField(
        choices=WEEKDAYS, help_text="Weekly hours are counted from this day."
    )
    quiet_hours = Period(help_text="Reminders wait, unless the person has set their own.")
    reminders = Reminders(help_text="When to remind, unless the person has set their own times.")
    staffed_hours = StaffedHours(many=True, help_text="Phones say whether staff are there now.")
    reply_within_hours = serializers.IntegerField(
        min_value=1, max_value=24 * 14, help_text="Phones say it where people write to staff."
    )
    levels = Level(
        many=True,
        allow_empty=False,
        help_text="Where people can be admitted or moved, and their weekly hours.",
    )
    tracks = Track(many=True, help_text="Phones show them with the levels.")
    services = Named(many=True, help_text="Phones show what the programme offers.")
    therapies = serializers.ListField(child=Code(), help_text="Phones show them with the services.")
    mutual_help = serializers.ListField(
        child=Code(), help_text="Meetings outside that phones offer to log."
    )
    topics = Named(many=True, help_text="Phones show what groups talk about.")
    conditions = serializers.ListField(
        child=Code(), help_text="What the programme treats. Phones show it."
    )
    helplines = Helpline(
        many=True, allow_empty=False, help_text="Phones show them, also without a connection."
    )
    contacts = Contacts(help_text="In the notice; phones show whom to call.")
    check_in = CheckInSettings(help_text="What phones ask, and at which times of day.")
    what_helps = WhatHelps(help_text="After how many runs an exercise is said to help.")
    group = GroupSettings(help_text="No more members than this join a group.")
    house_rules = HouseRule(many=True, help_text="Everyone who joins a group accepts them.")
    announcements = Announcements(help_text="Further ones in a week are held back.")

    def validate_levels(self, levels: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if ALUMNI not in {level["code"] for level in levels if level["offered"]}:
            raise serializers.ValidationError(
                f"The level {ALUMNI} must stay in the list and be offered."
            )
        return levels

    def validate_helplines(self, helplines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if missing := list(missing_helplines(helplines)):
            raise serializers.ValidationError(missing)
        return helplines

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        lists = ("levels", "tracks", "services", "topics", "helplines", "house_rules")
        doubled = {name: twice(attrs[name]) for name in lists}
        problems = {
            name: [f"More than one has the code {', '.join(codes)}."]
            for name, codes in doubled.items()
            if codes
        }
        if problems:
            raise serializers.ValidationError(problems)
        return attrs


class Preset(Settings):
    """The whole file: the settings and the programme they are for."""

    id = serializers.UUIDField()
    slug = Code()


def _plain(value: Any) -> Any:
    return value.strftime("%H:%M") if hasattr(value, "strftime") else value
