"""Push notifications of exercises. A push never carries content: the phone pulls and shows it."""

from datetime import timedelta

from notifications import notification_type

ASSIGNED = notification_type(
    "practice.assigned", push_class="sync", quiet="silent", ttl=timedelta(hours=24)
)
REVIEWED = notification_type(
    "practice.reviewed", push_class="sync", quiet="silent", ttl=timedelta(hours=24)
)
