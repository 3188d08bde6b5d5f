"""Push notifications of the alumni domain. A push never carries content."""

from datetime import timedelta

from notifications import notification_type

REQUEST = notification_type(
    "alumni.request", push_class="sync", quiet="silent", ttl=timedelta(days=2)
)
MESSAGE = notification_type(
    "alumni.message", push_class="sync", quiet="silent", ttl=timedelta(hours=24)
)
# Jitter, so that not all phones of a programme pull at the same time.
ANNOUNCEMENT = notification_type(
    "alumni.announcement",
    push_class="sync",
    quiet="silent",
    ttl=timedelta(days=3),
    jitter=timedelta(minutes=5),
)
