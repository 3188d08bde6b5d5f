"""Pushes and e-mails, sent by a transactional outbox. Knows users, never patients.

A domain declares `TYPE = notification_type("groups.message", push_class="sync", ...)`. In the
transaction that causes the notification it calls `queue.push(TYPE, scope_id=...)` or
`queue.email(TYPE, ...)`.
"""

from notifications.types import NotificationType, notification_type

__all__ = ["NotificationType", "notification_type"]
