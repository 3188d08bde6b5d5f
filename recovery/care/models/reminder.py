"""A reminder of one session for one person."""

from django.db import models

from recovery.feed.models import Personal


class Reminder(Personal):
    """Due `lead_minutes` before the session, or when quiet hours allow. See rules/reminders.py.

    The phone has it as a document and shows it by itself, even offline. The push only says that
    something is due. `starts_at` is the start for which it was planned. A session that moves has a
    new start, for which the person can be reminded again.
    """

    appointment_id = models.UUIDField()
    appointment_scope_id = models.UUIDField()
    lead_minutes = models.IntegerField()
    due_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    session_zone = models.TextField(help_text="the zone of the session's wall time")
    kind = models.TextField()
    said = models.JSONField(default=list, help_text="the starts that were reminded of")
    state = models.TextField(
        choices=[("planned", "planned"), ("cancelled", "cancelled")], default="planned"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope_id", "appointment_id", "lead_minutes"], name="reminder_once"
            )
        ]
        indexes = [models.Index(fields=["scope_id", "due_at"], name="reminders_in_order")]
