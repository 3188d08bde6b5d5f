"""The hours of each week: created when the week begins, recounted when something changes."""

from __future__ import annotations

import uuid
from datetime import date

from rest_framework import serializers

from recovery.actions import ActionInput, Call, action
from recovery.actions.rules import only_system
from recovery.care import queries
from recovery.care.models import CareRecord, WeekOfHours
from recovery.care.rules.hours import week_end
from recovery.feed import publish


class TurnWeek(ActionInput):
    record = serializers.UUIDField()


@action("care.turn_week", input=TurnWeek, allow=only_system)
def turn_week(call: Call, *, record: uuid.UUID) -> None:
    """Begin this week's hours of one patient."""
    records = CareRecord.objects.in_scope(record).select_related("programme")
    row = records.select_for_update(no_key=True, of=("self",)).first()
    if row is not None:
        count_current_week(row, call)


def count_current_week(record: CareRecord, call: Call) -> None:
    """Bring this week's hours up to date and publish them."""
    count_week(record, queries.week_start(record.programme, call.now), call)


def count_week(record: CareRecord, week: date, call: Call) -> None:
    """Bring the hours of the week that begins on `week` up to date, and publish them.

    The level is the one planned for the last day in care of the week. Once the week is over, its
    level and target no longer change.
    """
    # The caller has locked the record, so that two corrections of one week count one after another.
    row = _row(record, week)
    if row.level_id is None or queries.today(record.programme, call.now) <= row.week_end:
        chapter = queries.chapter_of_week(record, row.week_start, row.week_end)
        if chapter is None and row._state.adding:
            return  # outside an episode there is nothing to count
        if chapter is not None:
            row.level = chapter.level
            row.minutes_min = chapter.level.minutes_min
            row.minutes_target = chapter.minutes_target
            row.minutes_max = chapter.level.minutes_max
    row.minutes_done = queries.credited(record, week)
    row.save()
    publish(row)
    if record.replaced_by:
        # The hours of a replaced record count in the one that goes on.
        rows = CareRecord.objects.in_scope(record.replaced_by).select_related("programme")
        count_week(rows.select_for_update(no_key=True, of=("self",)).get(), week, call)


def _row(record: CareRecord, week: date) -> WeekOfHours:
    known = WeekOfHours.objects.in_scope(record.scope_id).filter(week_start=week).first()
    return known or WeekOfHours(
        id=uuid.uuid5(record.id, f"hours/{week}"),
        scope_id=record.scope_id,
        record=record,
        week_start=week,
        week_end=week_end(week),
    )
