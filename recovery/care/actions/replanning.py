"""A change of level re-plans from its date on: sessions, reminders, and what the patient reads."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from notifications import queue
from recovery.actions import Call
from recovery.care import queries
from recovery.care.actions.reminders import plan_reminders_of
from recovery.care.actions.timetable import align_from, locked_series
from recovery.care.models import (
    Appointment,
    CareRecord,
    EpisodeChapter,
    LevelChange,
)
from recovery.care.notification_types import LEVEL_CHANGED
from recovery.care.rules.hours import chapter_on
from recovery.care.rules.levels import Levels
from recovery.care.rules.what_changed import lines
from recovery.feed import publish
from recovery.feed.context import acting_as
from recovery.people import roles


def replan(
    record: CareRecord, earlier: list[EpisodeChapter], chapter: EpisodeChapter, call: Call
) -> dict[str, Any]:
    """Bring sessions and reminders in line with a chapter that was just added. Tell the patient.

    `earlier`: every chapter from before, oldest first. Returns what the action answers.
    """
    sessions = _replan_sessions(record, chapter, call)
    before, after = (
        Levels(record.programme.settings, earlier),
        queries.levels_of(record.scope_id, record.programme),
    )
    groups = _groups(record, before, after, chapter, call)
    change = _record(record, earlier, chapter, sessions, groups, call)
    # At once, not with tomorrow's plan: someone may wait for a session that is no longer theirs.
    plan_reminders_of(record)
    queue.push(
        LEVEL_CHANGED,
        scope_id=record.scope_id,
        role=roles.PATIENT,
        quiet=queries.quiet_hours(record.programme),
    )
    return {
        "chapter": str(chapter.id),
        "level_change": str(change.id),
        "sessions_stopped": sum(row["stopped"] for row in sessions),
        "sessions_returned": sum(row["returned"] for row in sessions),
        "stays_in": [row["scope"] for row in groups],
    }


def _replan_sessions(
    record: CareRecord, chapter: EpisodeChapter, call: Call
) -> list[dict[str, Any]]:
    """Withdraw the sessions of the record that the level takes away, and book those it gives back.

    Returns per series how many `stopped` and `returned`.
    """
    before = _booked(record, call)
    # Days of the series' zones, which may be one off those of the programme.
    first = chapter.from_date - timedelta(days=1)
    series = locked_series(record.scope_id)
    for each in series:
        align_from(each, first, call)
    after = _booked(record, call)
    stopped = Counter(before[id_] for id_ in before.keys() - after.keys())
    returned = Counter(after[id_] for id_ in after.keys() - before.keys())
    return [
        {
            "series": str(each.id),
            "title": each.title,
            "kind": each.kind,
            "stopped": stopped[each.id],
            "returned": returned[each.id],
        }
        for each in series
        if stopped[each.id] or returned[each.id]
    ]


def _booked(record: CareRecord, call: Call) -> dict[UUID, UUID]:
    """The sessions of the record that are to come, each with its series."""
    rows = Appointment.objects.in_scope(record.scope_id).filter(
        status="booked", starts_at__gt=call.now
    )
    return dict(rows.values_list("id", "series_id"))


def _groups(
    record: CareRecord, before: Levels, after: Levels, chapter: EpisodeChapter, call: Call
) -> list[dict[str, Any]]:
    """The groups that the patient stays in, each with the series of which reminders `stopped`."""
    # Those who decide on care need not lead these groups. The patient is in them.
    with acting_as(record.user_id):
        groups = []
        for scope in queries.groups_of(record.user_id, record.programme_id):
            stopped = [
                series.title
                for series in queries.running_series(scope.id, call.now)
                if after.take_away(series.kind, chapter.from_date)
                and not before.take_away(series.kind, chapter.from_date)
            ]
            groups.append({"scope": scope.name, "stopped": stopped})
    return groups


def _record(
    record: CareRecord,
    earlier: list[EpisodeChapter],
    chapter: EpisodeChapter,
    sessions: list[dict[str, Any]],
    groups: list[dict[str, Any]],
    call: Call,
) -> LevelChange:
    was = chapter_on(earlier, chapter.from_date) or earlier[0]
    change = LevelChange(
        scope_id=record.scope_id,
        record=record,
        chapter=chapter,
        from_date=chapter.from_date,
        level_before=was.level.code,
        level=chapter.level.code,
        minutes_before=was.minutes_target,
        minutes_target=chapter.minutes_target,
        sessions=sessions,
        groups=groups,
        lines=list(
            lines(
                from_date=chapter.from_date,
                level_name=chapter.level.name,
                minutes_target=chapter.minutes_target,
                stopped=[row["title"] for row in sessions if row["stopped"]],
                returned=[row["title"] for row in sessions if row["returned"]],
                in_groups=bool(groups),
                unreminded=[title for row in groups for title in row["stopped"]],
            )
        ),
        recorded_at=call.now,
    )
    change.save(force_insert=True)
    publish(change)
    return change
