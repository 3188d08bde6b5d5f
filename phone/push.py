"""Push notifications: registering this phone, and what a push makes it do.

A push carries the same bytes for everybody and says only that there may be something new.
"""

from collections.abc import Callable
from typing import Any

from phone.network import Network

CLASSES = ("sync", "reminder", "urgent")


class Pushes:
    def __init__(self, network: Network, tickle: Callable[[], None]) -> None:
        self.network = network
        self.tickle = tickle
        self.received: list[dict[str, Any]] = []  # data of each push, in order

    def receive(self, data: dict[str, Any]) -> None:
        """One push reached this phone. Whatever its class, the phone syncs; only then does it
        know what, if anything, to show."""
        self.received.append(data)
        if data.get("k") in CLASSES:
            self.tickle()
