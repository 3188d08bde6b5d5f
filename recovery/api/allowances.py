"""How often phones may ask."""

from datetime import timedelta

from recovery.limits.limit import Limit, Traffic, traffic

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

# A phone with a week's outbox pushes some ten times and pulls some twenty pages at once; one in a
# busy group pulls every few seconds. These are several times as much.
PULL = traffic("pull", 240, 960, MINUTE)
PUSH = traffic("push", 240, 960, MINUTE)
# Once for a copy of the data; compared once a day.
REGISTER = traffic("register", 30, 120, HOUR)
DIGEST = traffic("digest", 60, 240, HOUR)
# A page of what has left the feed, as somebody scrolls back.
HISTORY = traffic("history", 120, 480, MINUTE)
ACTIONS = traffic("actions", 240, 960, MINUTE)
# A hundred pictures of a week offline at once, and a gallery scrolled through; 600 MB an hour from
# a device, 2 GB a day from a person.
BLOB = traffic("blob", 300, 600, HOUR)
BLOB_PIECE = Traffic(
    Limit("blob_piece.device", 2_400, HOUR, "open", is_traffic=True),
    Limit("blob_piece.account", 8_000, DAY, "open", is_traffic=True),
)
BLOB_READ = traffic("blob_read", 600, 2_400, timedelta(minutes=10))
