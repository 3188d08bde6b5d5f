"""When the phone syncs by itself while it is awake, and what it does when that fails."""

import asyncio
from collections.abc import Callable
from random import Random

from clients.phone import backoff
from clients.phone.clock import Clock
from clients.phone.errors import (
    Offline,
    PhoneError,
    SignedOut,
    UpgradeRequired,
    Wiped,
)
from clients.phone.network import Network
from clients.phone.outbox import URGENT
from clients.phone.sync import Sync

EVERY = 15 * 60.0  # seconds between pulls when nothing else asks for one


class Triggers:
    """Collects requests for a sync and answers many with one."""

    def __init__(self, sync: Sync, network: Network, clock: Clock, chance: Random) -> None:
        self.sync = sync
        self.network = network
        self.clock = clock
        self.chance = chance
        self.ended: PhoneError | None = None  # why syncing stopped: signed out or wiped
        self.trouble: PhoneError | None = None  # the last failure, None after a success
        self._asks: list[Callable[[], bool]] = []
        self._asked = asyncio.Event()
        self._urgent: set[asyncio.Task[None]] = set()

    def ask(self, needed: Callable[[], bool] = lambda: True) -> None:
        self._asks.append(needed)
        self._asked.set()

    @property
    def wanted(self) -> bool:
        """Whether anything that was asked for is still needed."""
        return any(needed() for needed in self._asks)

    def forget(self) -> None:
        self._asks = []

    def queued(self, lane: str) -> None:
        """Something was done. What is urgent does not wait for a sync that is under way."""
        if lane == URGENT:
            task = asyncio.get_running_loop().create_task(self._push_urgent())
            self._urgent.add(task)
            task.add_done_callback(self._urgent.discard)
        self.ask()

    async def _push_urgent(self) -> None:
        try:
            await self.sync.push(URGENT)
        except PhoneError as trouble:
            self.report(trouble)

    async def run(self) -> None:
        """Until cancelled, signed out or wiped."""
        failures = 0
        while not self.ended:
            await self._asked.wait()
            self._asked.clear()
            wanted = self.wanted
            self.forget()
            if wanted:
                failures = 0 if await self._sync() else failures + 1
                await self._rest(failures)

    async def _sync(self) -> bool:
        self.trouble = None
        try:
            await self.sync.run()
        except PhoneError as trouble:
            self.report(trouble)
        return self.trouble is None

    def report(self, trouble: PhoneError) -> None:
        """Remember what went wrong; signed out or wiped is the end of syncing."""
        self.trouble = trouble
        if isinstance(trouble, SignedOut | Wiped):
            self.ended = trouble

    async def _rest(self, failures: int) -> None:
        """After a failure: offline waits for the network, all else for a while, then again."""
        if isinstance(self.trouble, UpgradeRequired) or self.ended:
            return
        if isinstance(self.trouble, Offline):
            await self.network.came_online.wait()
        elif self.trouble:
            await self.clock.sleep(backoff.wait(failures, self.chance))
        if self.trouble:
            self.ask()

    async def every_quarter_hour(self) -> None:
        while True:
            await self.clock.sleep(EVERY)
            self.ask()
