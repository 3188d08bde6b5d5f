"""The fields of inputs. Every text, time and time zone in an input is one of these.

They judge texts by what a reader sees (foundation/text), and change nothing that is written.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from foundation import mail_addresses, text, time_zones


class Text(serializers.CharField):
    """A text, kept as it is written. Without `allow_blank`, it must show something to a reader."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)

    def run_validation(self, data: Any = empty) -> Any:
        if isinstance(data, str) and not self.allow_blank and not text.is_visible(data):
            self.fail("blank")
        return super().run_validation(data)


class Name(Text):
    """What people are known by to others: one line, in letters that are not mixed to deceive."""

    def to_internal_value(self, data: Any) -> Any:
        name = super().to_internal_value(data)
        if problem := text.flaw(name):
            raise serializers.ValidationError(problem)
        return name


class Code(Text, serializers.SlugField):
    """What programs call a thing: ASCII letters, digits, hyphens and underscores."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 40} | options)


class Link(Text, serializers.URLField):
    """A URL."""


class MailAddress(Text, serializers.EmailField):
    """An e-mail address that letters can reach, as it is written, but for blanks around it."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return mail_addresses.tidied(super().to_internal_value(data))
        except mail_addresses.Unusable as error:
            raise serializers.ValidationError(str(error)) from error


class TimeZone(Text):
    """A time zone by its IANA name, e.g. America/Los_Angeles."""

    default_error_messages = {"zone": "There is no such time zone."}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=64, **options)

    def to_internal_value(self, data: Any) -> Any:
        name = super().to_internal_value(data)
        if not time_zones.is_time_zone(name):
            self.fail("zone")
        return name


class Whole(serializers.IntegerField):
    """A whole number. Phones also write it as 7.0, "7", or what arithmetic made of it."""

    NOISE = 1e-6

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, float) and abs(data) < float("inf") and data != round(data):
            data = round(data) if abs(data - round(data)) < self.NOISE else data
        return super().to_internal_value(data)


class Number(serializers.FloatField):
    """A number, and not true or false, which are numbers in Python."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class Moment(serializers.DateTimeField):
    """A date and time with its offset from UTC. Without one, nobody knows which moment is meant."""

    default_error_messages = {
        "no_offset": "Add the offset from UTC, as in 2026-03-02T18:30:00-08:00."
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("no_offset")
        return super().enforce_timezone(value)
