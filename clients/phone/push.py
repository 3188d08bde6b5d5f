"""Push notifications.

All pushes of a class have the same bytes. They say only that there may be something new. Browsers
get those that show something, and never one that only wakes the app.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from clients.phone.network import Network

ACTION = "people.register_push"
CLASSES = ("sync", "reminder", "urgent")


class Pushes:
    """`request_sync` is called for each push. The phone syncs if its app may run."""

    def __init__(self, network: Network, request_sync: Callable[[], None]) -> None:
        self.network = network
        self.request_sync = request_sync
        self.received: list[dict[str, Any]] = []  # the data of each push, in order
        self._latest = 0.0

    def receive(self, data: dict[str, Any]) -> None:
        """Handle one push. The phone always syncs first, because the push does not say what to
        show."""
        self.received.append(data)
        if data.get("k") in CLASSES:
            self.request_sync()

    async def subscribe(self, simulator: str, server_key: str) -> dict[str, Any]:
        """Subscribe as a browser does, with the simulator as its maker's push service."""
        url = f"{simulator}/simulator/subscriptions"
        return (await self.network.post(url, {"key": server_key}, {})).body

    async def collect(self, simulator: str, token: str) -> int:
        """Fetch new pushes from the push simulator, for a token or the last part of a
        subscription's endpoint. Returns their number."""
        inbox = await self.network.get(f"{simulator}/simulator/inboxes/{quote(token)}")
        new = [m for m in inbox["messages"] if m["accepted"] and m["at"] > self._latest]
        for each in new:
            self._latest = each["at"]
            body = json.loads(each["body"])
            self.receive((body.get("message") or body["notification"])["data"])
        return len(new)
