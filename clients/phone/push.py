"""Push notifications: registering this phone, and what a push makes it do.

A push carries the same bytes for everybody and says only that there may be something new.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from clients.phone.network import Network

ACTION = "people.register_push"
CLASSES = ("sync", "reminder", "urgent")


class Pushes:
    """`tickle` is called for each push; it makes the phone sync if its app may run."""

    def __init__(self, network: Network, tickle: Callable[[], None]) -> None:
        self.network = network
        self.tickle = tickle
        self.received: list[dict[str, Any]] = []  # the data of each push, in order
        self._latest = 0.0

    def receive(self, data: dict[str, Any]) -> None:
        """One push. Whatever its class, the phone syncs first; only then does it know what, if
        anything, to show."""
        self.received.append(data)
        if data.get("k") in CLASSES:
            self.tickle()

    async def collect(self, simulator: str, token: str) -> int:
        """Take delivery of what an FCM simulator holds for this phone; how many were new."""
        inbox = await self.network.get(f"{simulator}/simulator/inboxes/{quote(token)}")
        fresh = [m for m in inbox["messages"] if m["accepted"] and m["at"] > self._latest]
        for each in fresh:
            self._latest = each["at"]
            self.receive(json.loads(each["body"])["message"]["data"])
        return len(fresh)

    async def listen(self, simulator: str, token: str, every: float = 0.2) -> None:
        """Collect until cancelled, as the operating system would deliver."""
        while True:
            if self.network.online:
                await self.collect(simulator, token)
            await asyncio.sleep(every)
