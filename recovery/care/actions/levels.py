"""Levels of care. Each change is a new chapter of the episode."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from rest_framework import serializers

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.fields import Code, Number, Text
from recovery.actions.rules import only_system
from recovery.care import queries
from recovery.care.actions.hours import count_current_week
from recovery.care.actions.reminders import plan_reminders_of
from recovery.care.actions.replanning import replan
from recovery.care.models import CareRecord, Episode, EpisodeChapter, LevelOfCare, Programme
from recovery.care.rules import access
from recovery.care.rules.hours import chapter_on
from recovery.care.rules.settings import ALUMNI
from recovery.feed import publish, scopes
from recovery.feed.models import Membership
from recovery.people import roles

LATEST = timedelta(days=90)  # the farthest day for which a level can be planned


class ChangeLevel(ActionInput):
    """`from_date` defaults to today, or to the first day of care; `decided_by` to the caller.

    `hours_per_week`: agreed with this patient. Defaults to the level's own target.
    """

    record = Ref(CareRecord, lock=True)
    level = Code(max_length=40)
    reason = Text(max_length=500)
    from_date = serializers.DateField(required=False)
    decided_by = serializers.UUIDField(required=False)
    hours_per_week = Number(min_value=0, max_value=168, required=False)


@action("care.change_level", input=ChangeLevel, allow=access.decides_on_care)
def change_level(
    call: Call,
    *,
    record: CareRecord,
    level: str,
    reason: str,
    from_date: date | None = None,
    decided_by: uuid.UUID | None = None,
    hours_per_week: float | None = None,
) -> dict[str, Any]:
    """Step up or down from a date on. Weeks that are over keep their level and hours.

    From that date on, sessions of kinds that the level does not have stop, with their reminders.
    Groups stay: `stays_in` lists them. An alumnus who comes back is a patient again from that date
    on, with all their data. The same change a second time returns the first one's chapter.
    Refused: `use_make_alumnus`, `no_episode`, `no_such_level`, `date_out_of_range`, `not_staff`,
    `hours_out_of_range`, `no_change` (the level applies already, for another reason).
    """
    if level == ALUMNI:
        raise Refused("use_make_alumnus", "This level is for alumni. Make them an alumnus instead.")
    if decided_by is not None and access.staff_role(record.programme_id, decided_by) is None:
        raise Refused("not_staff", "The person who decided is not on the program's staff.")
    episode, new_level = current_episode(record), level_called(record.programme, level)
    day = _first_day(record, episode, from_date, call)
    target = agreed_target(new_level, hours_per_week)
    earlier = list(queries.chapters(record.scope_id))
    decided_by = decided_by or call.actor.id
    known = chapter_on(earlier, day)
    if known and (known.level_id, known.minutes_target) == (new_level.id, target):
        if (known.reason, known.decided_by) == (reason, decided_by):
            return {"chapter": str(known.id)}
        raise Refused("no_change", "This level applies already on that day.", current=known)
    comes_back = record.alumnus_since is not None
    chapter = begin_chapter(
        episode,
        new_level,
        from_date=day,
        reason=reason,
        decided_by=decided_by,
        call=call,
        minutes_target=target,
        replaces_planned=comes_back,
    )
    if comes_back and day <= queries.today(record.programme, call.now):
        change_role(record, roles.PATIENT, since=None)
    count_current_week(record, call)
    return replan(record, earlier, chapter, call)


class BeginLevel(ActionInput):
    record = serializers.UUIDField()


@action("care.begin_level", input=BeginLevel, allow=only_system)
def begin_level(call: Call, *, record: uuid.UUID) -> None:
    """Make an alumnus a patient again, if their return was planned for today or earlier."""
    rows = CareRecord.objects.in_scope(record).select_related("programme")
    row = rows.select_for_update(no_key=True, of=("self",)).first()
    if row is None or row.alumnus_since is None:
        return
    chapter = chapter_on(
        queries.current_chapters(row.scope_id), queries.today(row.programme, call.now)
    )
    if chapter is not None and chapter.level.code != ALUMNI:
        change_role(row, roles.PATIENT, since=None)
        plan_reminders_of(row)


def begin_episode(
    record: CareRecord,
    level: LevelOfCare,
    first_day: date,
    call: Call,
    *,
    reason: str,
    decided_by: uuid.UUID,
    minutes_target: int | None = None,
) -> Episode:
    """Open an episode of care with its first chapter."""
    episode = Episode(scope_id=record.scope_id, record=record, started_on=first_day)
    episode.save(force_insert=True)
    publish(episode)
    begin_chapter(
        episode,
        level,
        from_date=first_day,
        reason=reason,
        decided_by=decided_by,
        call=call,
        minutes_target=minutes_target,
    )
    return episode


def begin_chapter(
    episode: Episode,
    level: LevelOfCare,
    *,
    from_date: date,
    reason: str,
    decided_by: uuid.UUID,
    call: Call,
    minutes_target: int | None = None,
    replaces_planned: bool = False,
) -> EpisodeChapter:
    """Add the next chapter. The one before it ends where this one begins.

    `replaces_planned`: the chapters that are planned for later days no longer apply.
    """
    days = {from_date}
    if replaces_planned:
        # Chapters never change, so each one is replaced by another with the same date.
        planned = queries.chapters(episode.scope_id).filter(
            episode=episode, from_date__gt=from_date
        )
        days.update(planned.values_list("from_date", flat=True))
    chapters = [
        EpisodeChapter(
            scope_id=episode.scope_id,
            episode=episode,
            level=level,
            asam_edition=level.asam_edition,
            asam_code=level.asam_code,
            minutes_target=level.minutes_target if minutes_target is None else minutes_target,
            from_date=day,
            reason=reason,
            decided_by=decided_by,
            recorded_by=call.actor.id,
            recorded_at=call.now,
        )
        for day in sorted(days)
    ]
    for chapter in chapters:
        chapter.save(force_insert=True)
        publish(chapter)
    return chapters[0]


def current_episode(record: CareRecord) -> Episode:
    episode = queries.open_episode(record)
    if episode is None:
        raise Refused(
            "no_episode",
            "This person is not in care now. If they come back, begin their care again.",
        )
    return episode


def change_role(record: CareRecord, role: str, *, since: date | None) -> None:
    """Make the person a patient or an alumnus of the programme."""
    # A membership that is still held for the notice stays held.
    for user in queries.accounts_of(record):
        membership = Membership.objects.get(scope_id=record.programme_id, user_id=user)
        scopes.grant(record.programme_id, user, role, held=membership.held)
    record.alumnus_since = since
    record.save(update_fields=["alumnus_since"])
    publish(record)


def level_called(programme: Programme, code: str) -> LevelOfCare:
    level = queries.offered_level(programme, code)
    if level is None:
        raise Refused("no_such_level", "The program does not offer this level of care.")
    return level


def _first_day(record: CareRecord, episode: Episode, day: date | None, call: Call) -> date:
    today = queries.today(record.programme, call.now)
    if day is None:
        # Care may begin in the future. A chapter before that day would be over when it begins.
        return max(today, episode.started_on)
    # The hours of earlier weeks are fixed, and must not contradict the chapters.
    earliest = max(episode.started_on, queries.week_start(record.programme, call.now))
    if not earliest <= day <= today + LATEST:
        raise Refused(
            "date_out_of_range",
            "A level can start this week at the earliest and in 90 days at the latest.",
        )
    return day


def agreed_target(level: LevelOfCare, hours: float | None) -> int:
    if hours is None:
        return level.minutes_target
    minutes = round(hours * 60)
    if not level.minutes_min <= minutes <= level.minutes_max:
        raise Refused(
            "hours_out_of_range",
            "This level has %(least)g to %(most)g hours per week.",
            values={"least": level.minutes_min / 60, "most": level.minutes_max / 60},
        )
    return minutes
