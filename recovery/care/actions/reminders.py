"""Reminders of one person's sessions, planned anew whenever something they follow from changes.

What has been due has been said: it is not said again unless the session moved to another start.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.db.models import Q
from rest_framework import serializers

from notifications import queue
from notifications.models import Preferences
from recovery.actions import ActionInput, Call, Refused, action
from recovery.actions.alone import alone
from recovery.actions.jobs import later
from recovery.actions.rules import anyone_signed_in, only_system
from recovery.care import queries
from recovery.care.actions.inputs import WallTime, ZoneField
from recovery.care.actions.inputs.preset import leads
from recovery.care.models import Appointment, Reminder
from recovery.care.notification_types import SESSION_REMINDER
from recovery.care.rules.reminders import Due, reminders
from recovery.care.rules.timetable import AHEAD
from recovery.feed import publish
from recovery.feed.documents import seq_of

# A reminder that could not be sent until then is of no use to anybody.
LATE = timedelta(minutes=15)
KEPT = timedelta(days=7)
Planned = dict[tuple[uuid.UUID, int], Reminder]


class PlanReminders(ActionInput):
    user = serializers.UUIDField()


@action("care.plan_reminders", input=PlanReminders, allow=only_system)
def plan_reminders(call: Call, data: dict[str, Any]) -> None:
    """Make this person's reminders of the next four weeks what they ought to be now."""
    user_id = data["user"]
    booked = {s.id: s for s in queries.sessions_to_come(user_id, call.now, call.now + AHEAD)}
    wanted = {(due.appointment_id, due.lead): due for due in _wanted(user_id, booked, call)}
    known = _known(user_id, booked, call)
    for key, due in wanted.items():
        row, session = known.get(key), booked[due.appointment_id]
        if row is not None and _said(row, session, call):
            _drop(row, session, call)
        elif row is None or not _same(row, due, session):
            _plan(row or _new(user_id, due, session), due, session)
    for key in known.keys() - wanted.keys():
        _drop(known[key], booked.get(known[key].appointment_id), call)
    _forget_old(user_id, call)


class SetReminderPreferences(ActionInput):
    """Quiet hours: both or, as null, none. `lead_minutes`: how long before a session, each."""

    time_zone = ZoneField(required=False)
    quiet_start = WallTime(required=False, allow_null=True)
    quiet_end = WallTime(required=False, allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        field = leads()
        field.required = False
        return super().get_fields() | {"lead_minutes": field}

    def validate(self, attrs: Any) -> Any:
        if ("quiet_start" in attrs) != ("quiet_end" in attrs):
            raise serializers.ValidationError("Give both ends of the quiet hours.")
        begin, end = attrs.get("quiet_start"), attrs.get("quiet_end")
        if (begin is None) != (end is None) or (begin is not None and begin == end):
            raise serializers.ValidationError("Quiet hours begin and end at different times.")
        return attrs


@action("care.set_reminder_preferences", input=SetReminderPreferences, allow=anyone_signed_in)
def set_reminder_preferences(call: Call, data: dict[str, Any]) -> None:
    """How and when this person wants to be reminded, wherever they are.

    Refused: `conflict` where another phone has changed one of these fields to something else.
    """
    # Until the first time there is no row that a second phone could wait for.
    alone("care.set_reminder_preferences", call.actor.id)
    row = _preferences(call)
    changed = {name: value for name, value in data.items() if getattr(row, name) != value}
    before = seq_of(row)
    _check_base(row, changed, call)
    for name, value in changed.items():
        setattr(row, name, value)
        row.changed_after[name] = before
    row.save()
    publish(row)
    later("care.plan_person", lock=f"care.plan/{call.actor.id}", user_id=str(call.actor.id))


def _wanted(user_id: uuid.UUID, booked: dict[uuid.UUID, Appointment], call: Call) -> Iterator[Due]:
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


def _forget_old(user_id: uuid.UUID, call: Call) -> None:
    """Phones need not keep the reminders of sessions that have been over for a week."""
    rows = Reminder.objects.in_scope(user_id).filter(state="planned")
    for row in rows.filter(ends_at__lte=call.now - KEPT):
        row.state = "cancelled"
        row.save(update_fields=["state"])
        publish(row)


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


def _drop(row: Reminder, session: Appointment | None, call: Call) -> None:
    """No longer wanted, unless it has been said and its session still is when it was then."""
    over = row.starts_at <= call.now
    stands = _said(row, session, call) and session and row.starts_at == session.starts_at
    if row.state == "cancelled" or over or stands:
        return
    queue.cancel(row.scope_id, dedupe=_key(row))
    row.state = "cancelled"
    row.save(update_fields=["state", "said"])
    publish(row)


def _said(row: Reminder, session: Appointment | None, call: Call) -> bool:
    """Whether the person has been reminded of this very start; remembers what has been due."""
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
    """One push for one start, however often it is planned."""
    return f"reminder:{row.id}:{int(row.starts_at.timestamp())}"


def _preferences(call: Call) -> Preferences:
    """The person's own, or the programme's as they hold until now."""
    known = queries.preferences_of(call.actor.id)
    if known is not None:
        return known
    row = Preferences(id=call.actor.id, scope_id=call.actor.id)
    programme = queries.programmes_of(call.actor).first()
    if programme is not None:
        now = queries.wishes(None, programme)
        row.time_zone, row.lead_minutes = now.time_zone, list(now.leads)
        row.quiet_start, row.quiet_end = now.quiet or (None, None)
    return row


def _check_base(row: Preferences, changed: dict[str, Any], call: Call) -> None:
    """Refuse a change of what the author saw before another phone changed it."""
    seen = call.base.get(f"reminder_preferences/{row.id}")
    if seen is not None and any(seen <= row.changed_after.get(name, -1) for name in changed):
        raise Refused("conflict", "Another phone changed this in the meantime.", current=row)
