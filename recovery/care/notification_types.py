"""Push notifications about sessions. Their bytes are constant and name no session."""

from datetime import timedelta

from notifications import notification_type

SESSION_CHANGED = notification_type(
    "care.session_changed", push_class="reminder", ttl=timedelta(hours=24)
)
SESSION_REMINDER = notification_type(
    "care.session_reminder",
    push_class="reminder",
    ttl=timedelta(hours=12),
    jitter=timedelta(seconds=30),
)
