"""Push notifications about sessions and levels of care. Their bytes are constant."""

from datetime import timedelta

from notifications import notification_type

SESSION_CHANGED = notification_type(
    "care.session_changed", push_class="reminder", quiet="morning", ttl=timedelta(hours=24)
)
SESSION_REMINDER = notification_type(
    "care.session_reminder",
    push_class="reminder",
    quiet="at_once",  # it is planned around the quiet hours: see rules/reminders.py
    ttl=timedelta(hours=12),
    jitter=timedelta(seconds=30),
)
LEVEL_CHANGED = notification_type(
    "care.level_changed", push_class="reminder", quiet="morning", ttl=timedelta(days=3)
)
RECORD_CORRECTED = notification_type(
    "care.record_corrected", push_class="sync", quiet="silent", ttl=timedelta(hours=24)
)
CORRECTION_ASKED = notification_type(
    "care.correction_asked", push_class="sync", quiet="silent", ttl=timedelta(hours=24)
)
