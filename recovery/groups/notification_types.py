"""Push notifications of peer groups. A push never carries content."""

from datetime import timedelta

from notifications import notification_type

# Jitter, so that not all phones of a group pull at the same time.
MESSAGE = notification_type(
    "groups.message",
    push_class="sync",
    quiet="silent",
    ttl=timedelta(hours=24),
    jitter=timedelta(seconds=10),
)
ROUND = notification_type(
    "groups.round",
    push_class="sync",
    quiet="silent",
    ttl=timedelta(hours=12),
    jitter=timedelta(seconds=10),
)
INVITATION = notification_type(
    "groups.invitation", push_class="sync", quiet="silent", ttl=timedelta(days=2)
)
