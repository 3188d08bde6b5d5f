"""What is announced to people who know each other, and to alumni. Nothing of it is in the push."""

from datetime import timedelta

from notifications import notification_type

REQUEST = notification_type("alumni.request", push_class="sync", ttl=timedelta(days=2))
MESSAGE = notification_type("alumni.message", push_class="sync", ttl=timedelta(hours=24))
# Spread over some minutes: all alumni of a programme at once are a crowd.
ANNOUNCEMENT = notification_type(
    "alumni.announcement", push_class="sync", ttl=timedelta(days=3), jitter=timedelta(minutes=5)
)
