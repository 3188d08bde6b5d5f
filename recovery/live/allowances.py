"""How often a phone may open a socket."""

from datetime import timedelta

from recovery.limits.limit import traffic

MINUTE = timedelta(minutes=1)

# Phones reopen their socket after every change of network.
TICKET = traffic("ticket", 60, 240, MINUTE)
SOCKET = traffic("socket", 60, 240, MINUTE)
