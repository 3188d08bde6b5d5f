"""What the end of an episode does to its rows, to the timetable and to the person's role."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from recovery.actions import Call
from recovery.care.actions.hours import count_current_week, count_week
from recovery.care.actions.reminders import plan_reminders_of
from recovery.care.actions.timetable import align_from, extend, locked_series
from recovery.care.models import CareRecord, Episode, EpisodeEnding, SessionSeries
from recovery.care.rules.hours import week_of
from recovery.feed import publish

DAY = timedelta(days=1)


def close_episode(
    record: CareRecord,
    episode: Episode,
    call: Call,
    *,
    ended_on: date,
    end_reason: str,
    follows: str,
    **more: Any,
) -> EpisodeEnding:
    """Record that an episode ended. Its hours stop on that day.

    `more`: the other fields of EpisodeEnding.
    """
    episode.ended_on, episode.end_reason, episode.follows = ended_on, end_reason, follows
    episode.referred_to = more.get("referred_to", "")
    episode.save(update_fields=["ended_on", "end_reason", "follows", "referred_to"])
    publish(episode)
    ending = EpisodeEnding(
        scope_id=record.scope_id,
        episode=episode,
        ended_on=ended_on,
        end_reason=end_reason,
        follows=follows,
        was_alumnus_since=record.alumnus_since,
        recorded_by=call.actor.id,
        recorded_at=call.now,
        **more,
    )
    ending.save(force_insert=True)
    count_week(record, week_of(ended_on, record.programme.week_starts_on), call)
    plan_reminders_of(record)
    return ending


def reopen_episode(record: CareRecord, ending: EpisodeEnding, call: Call, note: str) -> Episode:
    """Let an episode go on as if it had not ended. The ending stays, with a row that says so."""
    episode = Episode.objects.in_scope(record.scope_id).get(id=ending.episode_id)
    episode.ended_on, episode.end_reason, episode.follows = None, "", ""
    episode.referred_to = ""
    episode.save(update_fields=["ended_on", "end_reason", "follows", "referred_to"])
    publish(episode)
    EpisodeEnding(
        scope_id=record.scope_id,
        episode=episode,
        note=note,
        recorded_by=call.actor.id,
        recorded_at=call.now,
    ).save(force_insert=True)
    count_current_week(record, call)
    plan_reminders_of(record)
    return episode


def stop_timetable(record: CareRecord, last_day: date, call: Call) -> dict[str, str | None]:
    """Take the person's own sessions after `last_day` off the timetable.

    Returns the series that this stops, each with the end that it had.
    """
    stopped: dict[str, str | None] = {}
    for series in locked_series(record.scope_id):
        if series.ended_on is None or series.ended_on > last_day + DAY:
            stopped[str(series.id)] = series.ended_on.isoformat() if series.ended_on else None
            _end(series, last_day + DAY, call)
    return stopped


def resume_timetable(record: CareRecord, stopped: dict[str, str | None], call: Call) -> None:
    """Put back what `stop_timetable` has stopped. Sessions of the past stay as they are."""
    for series in locked_series(record.scope_id):
        if str(series.id) in stopped:
            end = stopped[str(series.id)]
            _end(series, date.fromisoformat(end) if end else None, call)


def _end(series: SessionSeries, end: date | None, call: Call) -> None:
    first = min(day for day in (series.ended_on, end) if day)
    series.ended_on, series.changed_at = end, call.now
    series.save(update_fields=["ended_on", "changed_at"])
    align_from(series, first, call)
    extend(series, call)
    publish(series)
