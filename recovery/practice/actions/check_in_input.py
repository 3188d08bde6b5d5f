"""The input of a check-in."""

from __future__ import annotations

import datetime as dt
import functools
import zoneinfo
from decimal import Decimal
from typing import Any, TypedDict

from rest_framework import serializers

from recovery.actions import ActionInput, Ref
from recovery.care.models import CareRecord
from recovery.care.rules.settings import ANSWERS, SLOTS
from recovery.practice.models import CheckIn
from recovery.practice.rules.check_in import HALT, MEDICATION

AHEAD = dt.timedelta(hours=14)  # the earliest time zone is UTC+14
BACK = dt.timedelta(days=91)


@functools.cache
def time_zones() -> set[str]:
    return zoneinfo.available_timezones()


def scale(low: int, high: int) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=low, max_value=high, required=False, allow_null=True)


def words(max_length: int) -> serializers.CharField:
    return serializers.CharField(
        max_length=max_length, required=False, allow_null=True, allow_blank=True
    )


class RecordCheckIn(ActionInput):
    """A phone sends the answers that changed. Null removes an answer. `id`: CheckIn.id_of."""

    id = serializers.UUIDField()
    record = Ref(CareRecord)
    local_date = serializers.DateField()
    slot = serializers.ChoiceField(SLOTS)
    time_zone = serializers.CharField(max_length=64, required=False)
    success = words(1000)
    success_shared = serializers.BooleanField(required=False)
    mood = scale(1, 5)
    craving_now = scale(0, 10)
    craving_worst = scale(0, 10)
    sleep_hours = serializers.DecimalField(
        max_digits=3, decimal_places=1, min_value=0, max_value=24, required=False, allow_null=True
    )
    sleep_quality = scale(1, 5)
    halt = serializers.ListField(
        child=serializers.ChoiceField(HALT), max_length=4, required=False, allow_null=True
    )
    medication = serializers.ChoiceField(MEDICATION, required=False, allow_null=True)
    used = serializers.BooleanField(required=False, allow_null=True)
    used_what = words(500)
    plan = words(1000)
    gap_reason = words(500)

    def validate_local_date(self, day: dt.date) -> dt.date:
        now = self.context["now"]
        if not (now - BACK).date() <= day <= (now + AHEAD).date():
            raise serializers.ValidationError("This must be today or one of the last 90 days.")
        return day

    def validate_time_zone(self, name: str) -> str:
        if name not in time_zones():
            raise serializers.ValidationError("This is not the name of a time zone.")
        return name

    def validate_halt(self, ticked: list[str] | None) -> list[str] | None:
        # Always in the same order, so that ticking again in another order changes nothing.
        return None if ticked is None else [each for each in HALT if each in ticked]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        # Every phone of the person computes the id, so that all of them write to one row.
        expected = CheckIn.id_of(attrs["record"].id, attrs["local_date"], attrs["slot"])
        if attrs["id"] != expected:
            rule = "This must be the uuid5 of the record's id and 'YYYY-MM-DD/slot'."
            raise serializers.ValidationError({"id": rule})
        if not attrs.keys() & set(ANSWERS):
            raise serializers.ValidationError("Please give at least one answer.")
        return attrs


class Answers(TypedDict, total=False):
    """The answers that were sent. Null removes an answer; one that was not sent stays."""

    success: str | None
    success_shared: bool
    mood: int | None
    craving_now: int | None
    craving_worst: int | None
    sleep_hours: Decimal | None
    sleep_quality: int | None
    halt: list[str] | None
    medication: str | None
    used: bool | None
    used_what: str | None
    plan: str | None
    gap_reason: str | None
