"""What is announced from groups. Nothing of it is in the push."""

from datetime import timedelta

from notifications import notification_type

# Spread, so that twelve phones of one group do not pull in the same instant.
MESSAGE = notification_type(
    "groups.message", push_class="sync", ttl=timedelta(hours=24), jitter=timedelta(seconds=10)
)
ROUND = notification_type(
    "groups.round", push_class="sync", ttl=timedelta(hours=12), jitter=timedelta(seconds=10)
)
INVITATION = notification_type("groups.invitation", push_class="sync", ttl=timedelta(days=2))
