"""The input of a check-in."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from rest_framework import serializers

from recovery.actions import Ref
from recovery.actions.fields import Text, TimeZone, Whole
from recovery.actions.self_reports import CLOCK_FIELDS, Choice, Partly, SelfReport
from recovery.care.models import CareRecord
from recovery.care.rules.settings import ANSWERS, SLOTS
from recovery.practice.models import CheckIn
from recovery.practice.rules.check_in import HALT, MEDICATION

AHEAD = dt.timedelta(hours=14)  # the earliest time zone is UTC+14
BACK = dt.timedelta(days=91)
ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


def scale(low: int, high: int) -> Whole:
    return Whole(min_value=low, max_value=high, required=False, allow_null=True)


def words(max_length: int) -> Text:
    return Text(max_length=max_length, required=False, allow_null=True, allow_blank=True)


class LocalDate(serializers.DateField):
    """A day by the phone's clock, in the digits of any language."""

    def to_internal_value(self, value: Any) -> Any:
        match = ISO_DATE.fullmatch(value) if isinstance(value, str) else None
        if match:
            value = "-".join(f"{int(part):0{len(part)}}" for part in match.groups())
        return super().to_internal_value(value)


class SleepHours(serializers.DecimalField):
    """To a tenth of an hour. What is more exact is rounded, and kept beside it."""

    def __init__(self) -> None:
        super().__init__(
            max_digits=3,
            decimal_places=1,
            min_value=0,
            max_value=24,
            required=False,
            allow_null=True,
        )

    def validate_precision(self, value: Decimal) -> Decimal:
        return value

    def quantize(self, value: Decimal) -> Decimal:
        if not 0 <= value <= 24:
            return value  # for the limits to refuse
        rounded = value.quantize(Decimal("0.1"), ROUND_HALF_UP)
        if abs(rounded - value) > Whole.NOISE:
            raise Partly(rounded)
        return rounded


class Ticked(serializers.ListField):
    """What was ticked, always in the same order: ticking again in another one changes nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.ChoiceField(HALT), max_length=len(HALT), **options)

    def to_internal_value(self, data: Any) -> Any:
        ticked = data if isinstance(data, list) else [data]
        known = [each for each in HALT if each in ticked]
        if all(each in HALT for each in ticked):
            return known
        raise Partly(known) if known else serializers.ValidationError("Not one of these.")


class RecordCheckIn(SelfReport):
    """A phone sends the answers that changed. Null removes an answer. `id`: the UUIDv5 of
    `<local_date>/<slot>` in the namespace of the record's id."""

    about = ("record",)
    own = ANSWERS
    by_app = ("id", "local_date", "slot", "time_zone")

    id = serializers.UUIDField(default=None)
    record = Ref(CareRecord)
    local_date = LocalDate(default=None)
    slot = Choice(SLOTS)
    time_zone = TimeZone(default="")
    success = words(1000)
    success_shared = serializers.BooleanField(required=False)
    mood = scale(1, 5)
    craving_now = scale(0, 10)
    craving_worst = scale(0, 10)
    sleep_hours = SleepHours()
    sleep_quality = scale(1, 5)
    halt = Ticked(required=False, allow_null=True)
    medication = serializers.ChoiceField(MEDICATION, required=False, allow_null=True)
    used = serializers.BooleanField(required=False, allow_null=True)
    used_what = words(500)
    plan = words(1000)
    gap_reason = words(500)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unread = self.context["unread"]
        # What an app asks that this server does not know yet is an answer too.
        answers = (attrs.keys() | unread.keys()) - {*self.about, *self.by_app, *CLOCK_FIELDS}
        if not answers:
            raise serializers.ValidationError("Please give at least one answer.")
        self._check_day(attrs)
        # Every phone of the person computes the id, so that all of them write to one row.
        expected = CheckIn.id_of(attrs["record"].id, attrs["local_date"], attrs["slot"])
        if attrs["id"] != expected and "id" in self.context["sent"]:
            self.put_aside("id")
        return attrs | {"id": expected}

    def _check_day(self, attrs: dict[str, Any]) -> None:
        """A day that cannot be is kept as it is; one that is none is the day of recording."""
        now = self.context["now"]
        if attrs["local_date"] is None:
            zone = attrs["time_zone"] or attrs["record"].programme.time_zone
            attrs["local_date"] = self.context.get("at", now).astimezone(ZoneInfo(zone)).date()
        elif not (now - BACK).date() <= attrs["local_date"] <= (now + AHEAD).date():
            self.put_aside("local_date")


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
