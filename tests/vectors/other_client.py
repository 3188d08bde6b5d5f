"""A client that follows the protocol on a schedule of its own, unlike the reference phone's.

It pushes one mutation a request and pulls after each of them in a request of its own, in small
pages; it refreshes its token before it expires, pulls once more at the end, and takes every frame
for no more than a hint.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from clients.phone import Phone
from clients.phone.answers import Request
from clients.phone.clock import parse_time
from clients.phone.live import Live
from clients.phone.outbox import MAIN
from clients.phone.sync import Sync
from clients.phone.triggers import Triggers
from tests.vectors.device import Device

SOON = timedelta(minutes=1)


class OtherSync(Sync):
    async def run(self) -> None:
        await self._refresh_early()
        await super().run()
        await self.pull()

    async def _refresh_early(self) -> None:
        keys = self.session.keystore
        expires = keys.get("access_expires_at")
        if expires and parse_time(expires) - self.session.wire.now() < SOON:
            await self.session.refresh(stale=keys.get("access_token"))

    def _limit(self, name: str) -> int:
        return 1 if name == "mutations" else super()._limit(name)

    def _pull_part(self, request: Request, lane: str) -> dict[str, Any]:
        return {}

    async def _push_batch(self, lane: str, reached_end: list[bool]) -> bool:
        more = await super()._push_batch(lane, reached_end)
        if more and lane == MAIN and not self.answers.store.get("too_old"):
            await self.pull()
        return more


class OtherPhone(Phone):
    def _connect_parts(self) -> None:
        super()._connect_parts()
        self.syncing = OtherSync(self.session, self.answers, self.clock, self.app, self.chance)
        self.triggers = Triggers(self.syncing, self.network, self.clock, self.chance)
        self.live = Live(self.syncing, self.triggers, self.clock, self.chance)


class OtherDevice(Device):
    opens = OtherPhone
