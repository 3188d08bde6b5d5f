"""Reminders of one person's sessions, planned again whenever sessions or preferences change.

A reminder that has been due counts as sent. It is not sent again unless the session has moved.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import time, timedelta
from itertools import groupby
from typing import Any, TypedDict, Unpack

from django.db.models import Q
from rest_framework import serializers

from notifications import queue
from notifications.models import Preferences
from recovery.actions import ActionInput, Call, Refused, action
from recovery.actions.alone import alone
from recovery.actions.fields import TimeZone
from recovery.actions.jobs import later
from recovery.actions.rules import anyone_signed_in, only_system
from recovery.care import queries
from recovery.care.actions.inputs import WallTime
from recovery.care.actions.inputs.preset import lead_times
from recovery.care.models import Appointment, CareRecord, Reminder
from recovery.care.notification_types import SESSION_REMINDER
from recovery.care.rules.reminders import Due, reminders
from recovery.care.rules.timetable import AHEAD
from recovery.feed import publish
from recovery.feed.documents import seq_of

# How long after the start of a session its reminder may still be sent.
LATE = timedelta(minutes=15)
KEPT = timedelta(days=7)  # how long phones keep the reminder of a past session
Planned = dict[tuple[uuid.UUID, int], Reminder]


class PlanReminders(ActionInput):
    user = serializers.UUIDField()


@action("care.plan_reminders", input=PlanReminders, allow=only_system)
def plan_reminders(call: Call, *, user: uuid.UUID) -> None:
    """Bring this person's reminders of the next four weeks up to date."""
    # Several changes may have queued a plan each. Two at the same time would add the same reminder.
    alone("care.plan_reminders", user)
    booked = {s.id: s for s in queries.sessions_to_come(user, call.now, call.now + AHEAD)}
    expected = {(due.appointment_id, due.lead): due for due in _expected(user, booked, call)}
    known = _known(user, booked, call)
    for key, due in expected.items():
        row, session = known.get(key), booked[due.appointment_id]
        if row is not None and _was_due(row, session, call):
            _cancel(row, session, call)
        elif row is None or not _same(row, due, session):
            _plan(row or _new(user, due, session), due, session)
    for key in known.keys() - expected.keys():
        _cancel(known[key], booked.get(known[key].appointment_id), call)
    planned = Reminder.objects.in_scope(user).filter(state="planned")
    for row in planned.filter(ends_at__lte=call.now - KEPT):
        # Phones no longer need it, and its push has been sent or has expired.
        row.state = "cancelled"
        row.save(update_fields=["state"])
        publish(row)


def plan_reminders_of(record: CareRecord) -> None:
    """Have the person's reminders planned again, at once, on each of their accounts."""
    for user in queries.accounts_of(record):
        later("care.plan_person", user_id=str(user))


def drop_reminders(user_id: uuid.UUID, call: Call) -> None:
    """Remind a person of nothing any more."""
    rows = Reminder.objects.in_scope(user_id).filter(state="planned", starts_at__gt=call.now)
    for row in rows.select_for_update(no_key=True, of=("self",)):
        _cancel(row, None, call)


class SetReminderPreferences(ActionInput):
    """Send both ends of the quiet hours, or null for both. `lead_minutes`: one per reminder."""

    time_zone = TimeZone(required=False)
    quiet_start = WallTime(required=False, allow_null=True)
    quiet_end = WallTime(required=False, allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        field = lead_times()
        field.required = False
        return super().get_fields() | {"lead_minutes": field}

    def validate(self, attrs: Any) -> Any:
        if ("quiet_start" in attrs) != ("quiet_end" in attrs):
            raise serializers.ValidationError("Please give both ends of the quiet hours.")
        begin, end = attrs.get("quiet_start"), attrs.get("quiet_end")
        if (begin is None) != (end is None) or (begin is not None and begin == end):
            raise serializers.ValidationError("Quiet hours must begin and end at different times.")
        return attrs


class PreferenceChanges(TypedDict, total=False):
    time_zone: str
    quiet_start: time | None
    quiet_end: time | None
    lead_minutes: list[int]


@action("care.set_reminder_preferences", input=SetReminderPreferences, allow=anyone_signed_in)
def set_reminder_preferences(
    call: Call,
    # A mapping, because only the fields that were sent change, and null is a value.
    **changes: Unpack[PreferenceChanges],
) -> None:
    """Set how and when this person is reminded of sessions, in all their programmes.

    Refused: `conflict` if another phone has changed one of these fields to something else,
    `base_required` if `base` has something other than a seq.
    """
    # The row may not exist yet, so there is no row to lock.
    alone("care.set_reminder_preferences", call.actor.id)
    row = _preferences(call)
    # A phone may repeat values that it did not change. They cannot be in conflict.
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    before = seq_of(row)
    # Refuse to change a field that another phone has changed since the author saw it.
    seen = call.seen(row)
    if seen is not None and any(seen <= row.changed_after.get(name, -1) for name in changed):
        raise Refused("conflict", "You changed this on another phone in the meantime.", current=row)
    for name, value in changed.items():
        setattr(row, name, value)
        row.changed_after[name] = before
    row.save()
    publish(row)
    later("care.plan_person", user_id=str(call.actor.id))


def _expected(
    user_id: uuid.UUID, booked: dict[uuid.UUID, Appointment], call: Call
) -> Iterator[Due]:
    preferences = queries.preferences_of(user_id)
    by_programme = sorted(booked.values(), key=lambda s: s.programme_id)
    for _, group in groupby(by_programme, key=lambda s: s.programme_id):
        sessions = list(group)
        wishes = queries.wishes(preferences, sessions[0].programme)
        yield from reminders(sessions, wishes, call.now)


def _known(user_id: uuid.UUID, booked: dict[uuid.UUID, Appointment], call: Call) -> Planned:
    rows = Reminder.objects.in_scope(user_id).select_for_update(no_key=True, of=("self",))
    recent = Q(ends_at__gt=call.now - KEPT) | Q(appointment_id__in=booked)
    return {(r.appointment_id, r.lead_minutes): r for r in rows.filter(recent)}


def _plan(row: Reminder, due: Due, session: Appointment) -> None:
    if row.due_at:
        queue.cancel(row.scope_id, dedupe=_key(row))
    row.state, row.due_at = "planned", due.due_at
    row.starts_at, row.ends_at = session.starts_at, session.ends_at
    row.session_zone = session.time_zone
    row.save()
    publish(row)
    queue.push(
        SESSION_REMINDER,
        scope_id=row.scope_id,
        due=row.due_at,
        expires=row.starts_at + LATE,
        dedupe=_key(row),
    )


def _cancel(row: Reminder, session: Appointment | None, call: Call) -> None:
    """Cancel a reminder, unless it has been due and its session still starts at the same time."""
    over = row.starts_at <= call.now
    still_true = _was_due(row, session, call) and session and row.starts_at == session.starts_at
    if row.state == "cancelled" or over or still_true:
        return
    queue.cancel(row.scope_id, dedupe=_key(row))
    row.state = "cancelled"
    row.save(update_fields=["state", "said"])
    publish(row)


def _was_due(row: Reminder, session: Appointment | None, call: Call) -> bool:
    """Return whether a reminder of this start has been due. Adds a start that is due now to
    `row.said`, without saving."""
    start = row.starts_at.isoformat()
    if row.state == "planned" and row.due_at <= call.now and start not in row.said:
        row.said = [*row.said, start]
    return session is not None and session.starts_at.isoformat() in row.said


def _same(row: Reminder, due: Due, session: Appointment) -> bool:
    return (
        row.state == "planned"
        and (row.due_at, row.starts_at) == (due.due_at, due.starts_at)
        and (row.ends_at, row.session_zone) == (session.ends_at, session.time_zone)
    )


def _new(user_id: uuid.UUID, due: Due, session: Appointment) -> Reminder:
    return Reminder(
        id=uuid.uuid5(user_id, f"{session.id}/{due.lead}"),
        scope_id=user_id,
        appointment_id=session.id,
        appointment_scope_id=session.scope_id,
        lead_minutes=due.lead,
        kind=session.kind,
    )


def _key(row: Reminder) -> str:
    """One push per start, however often the reminder is planned."""
    return f"reminder:{row.id}:{int(row.starts_at.timestamp())}"


def _preferences(call: Call) -> Preferences:
    """Return the person's own preferences, or a new row with the defaults of their programme."""
    known = queries.preferences_of(call.actor.id)
    if known is not None:
        return known
    row = Preferences(id=call.actor.id, scope_id=call.actor.id)
    programme = queries.programmes_of(call.actor).first()
    if programme is not None:
        defaults = queries.wishes(None, programme)
        row.time_zone, row.lead_minutes = defaults.time_zone, list(defaults.leads)
        row.quiet_start, row.quiet_end = defaults.quiet or (None, None)
    return row
