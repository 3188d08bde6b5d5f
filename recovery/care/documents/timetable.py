"""What phones see of the timetable and of reminders."""

from __future__ import annotations

from rest_framework import serializers

from foundation.fields import TEXT, WHOLE_NUMBER, a_list
from notifications.models import Preferences
from recovery.care.models import (
    Appointment,
    Reminder,
    SessionSeries,
)
from recovery.feed import Policy, document
from recovery.feed.ids import BY_PHONE, OF_SCOPE, derived
from recovery.feed.shapes import Shaped


@document(
    "session_series",
    SessionSeries,
    conflict=Policy.SERVER_OWNED,
    scopes=(
        "care",
        "group",
    ),
    ids=BY_PHONE,
    actions=(
        "care.change_series",
        "care.create_series",
        "care.end_series",
        "care.show_timetable",
    ),
)
class SessionSeriesDocument(serializers.ModelSerializer[SessionSeries]):
    """The rule of a timetable, to display. The sessions themselves are appointments.

    `slots` has the slot of the appointments at each of the `times`.
    """

    times = Shaped(a_list(TEXT | {"pattern": "^[0-2][0-9]:[0-5][0-9]$"}))
    slots = Shaped(a_list(WHOLE_NUMBER))

    class Meta:
        model = SessionSeries
        fields = [
            "kind",
            "title",
            "rule",
            "first_date",
            "times",
            "slots",
            "time_zone",
            "minutes",
            "place",
            "video_link",
            "ended_on",
        ]


@document(
    "appointment",
    Appointment,
    conflict=Policy.SERVER_OWNED,
    scopes=(
        "care",
        "group",
    ),
    ids=derived("{document.series}", "{document.local_date}/{document.slot}"),
    actions=(
        "care.cancel_session",
        "care.change_series",
        "care.change_session",
        "care.create_series",
        "care.end_series",
        "care.extend_series",
        "care.follow_time_zones",
        "care.restore_session",
        "care.show_timetable",
    ),
)
class AppointmentDocument(serializers.ModelSerializer[Appointment]):
    """One session: booked, cancelled, or withdrawn from the timetable."""

    class Meta:
        model = Appointment
        fields = [
            "series",
            "local_date",
            "slot",
            "kind",
            "title",
            "starts_at",
            "ends_at",
            "time_zone",
            "place",
            "video_link",
            "status",
            "reason",
        ]


@document(
    "reminder",
    Reminder,
    conflict=Policy.SERVER_OWNED,
    shown=lambda reminder: reminder.state == "planned",
    scopes=("person",),
    ids=derived("{scope}", "{document.appointment_id}/{document.lead_minutes}"),
    actions=("care.plan_reminders",),
)
class ReminderDocument(serializers.ModelSerializer[Reminder]):
    """The phone shows the reminder itself, once for each `starts_at`."""

    class Meta:
        model = Reminder
        fields = [
            "appointment_id",
            "lead_minutes",
            "due_at",
            "starts_at",
            "ends_at",
            "session_zone",
            "kind",
        ]


@document(
    "reminder_preferences",
    Preferences,
    conflict=Policy.FIELDS_WITH_BASE,
    scopes=("person",),
    ids=OF_SCOPE,
    actions=("care.set_reminder_preferences",),
)
class ReminderPreferencesDocument(serializers.ModelSerializer[Preferences]):
    """How long before a session, and at which times of day, the person wants reminders."""

    lead_minutes = Shaped(a_list(WHOLE_NUMBER, description="minutes before a session"))

    class Meta:
        model = Preferences
        fields = ["time_zone", "quiet_start", "quiet_end", "lead_minutes"]
