"""Pushes and e-mails: what must reach somebody later. Knows users, never patients.

A domain declares `TYPE = notification_type("groups.message", push_class="sync", ...)` and, in the
transaction of the cause, calls `queue.push(TYPE, scope_id=...)` or `queue.email(TYPE, ...)`.
"""

from notifications.types import NotificationType, notification_type

__all__ = ["NotificationType", "notification_type"]
