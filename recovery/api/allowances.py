"""Rate limits of the sync, action and file endpoints."""

from datetime import timedelta

from recovery.limits.limit import Limit, Traffic, traffic

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

# A phone with a week's outbox pushes about ten times and pulls about twenty pages at once. A phone
# in a busy group pulls every few seconds. These limits are several times as high.
PULL = traffic("pull", 240, 960, MINUTE)
PUSH = traffic("push", 240, 960, MINUTE)
# A phone registers once for each copy of its data, and compares digests once a day.
REGISTER = traffic("register", 30, 120, HOUR)
DIGEST = traffic("digest", 60, 240, HOUR)
# One page of what has left the feed, as the user scrolls back.
HISTORY = traffic("history", 120, 480, MINUTE)
ACTIONS = traffic("actions", 240, 960, MINUTE)
# Enough for a hundred pictures after a week offline, and for scrolling through a gallery: 600 MB an
# hour from one device, 2 GB a day from one person.
BLOB = traffic("blob", 300, 600, HOUR)
BLOB_PIECE = Traffic(
    Limit("blob_piece.device", 2_400, HOUR, "owner", "open", is_traffic=True),
    Limit("blob_piece.account", 8_000, DAY, "owner", "open", is_traffic=True),
)
BLOB_READ = traffic("blob_read", 600, 2_400, timedelta(minutes=10))
