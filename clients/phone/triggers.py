"""When the phone syncs by itself while its app is open, and what it does on failure."""

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

EVERY = 15 * 60.0  # seconds between syncs without another trigger


class Triggers:
    """Collects requests for a sync and serves many with one."""

    def __init__(self, sync: Sync, network: Network, clock: Clock, chance: Random) -> None:
        self.sync = sync
        self.network = network
        self.clock = clock
        self.chance = chance
        self.ended: PhoneError | None = None  # why syncing stopped: signed out or wiped
        self.last_error: PhoneError | None = None  # the last failure, None after a success
        self._requests: list[Callable[[], bool]] = []
        self._requested = asyncio.Event()
        self._urgent: set[asyncio.Task[None]] = set()

    def ask(self, needed: Callable[[], bool] = lambda: True) -> None:
        self._requests.append(needed)
        self._requested.set()

    @property
    def is_needed(self) -> bool:
        """Whether any of the requests still needs a sync."""
        return any(needed() for needed in self._requests)

    def clear(self) -> None:
        self._requests = []

    def queued(self, lane: str) -> None:
        """A mutation was queued. An urgent one does not wait for a running sync."""
        if lane == URGENT:
            task = asyncio.get_running_loop().create_task(self._push_urgent())
            self._urgent.add(task)
            task.add_done_callback(self._urgent.discard)
        self.ask()

    async def _push_urgent(self) -> None:
        try:
            await self.sync.push(URGENT)
        except PhoneError as error:
            self.report(error)

    async def run(self) -> None:
        """Sync on request until cancelled, signed out or wiped."""
        failures = 0
        while not self.ended:
            await self._requested.wait()
            self._requested.clear()
            is_needed = self.is_needed
            self.clear()
            if is_needed:
                failures = 0 if await self._sync() else failures + 1
                await self._rest(failures)

    async def _sync(self) -> bool:
        self.last_error = None
        try:
            await self.sync.run()
        except PhoneError as error:
            self.report(error)
        return self.last_error is None

    def report(self, error: PhoneError) -> None:
        """Store the error. Being signed out or wiped ends all syncing."""
        self.last_error = error
        if isinstance(error, SignedOut | Wiped):
            self.ended = error

    async def _rest(self, failures: int) -> None:
        """After a failure: wait for the network if offline, else back off, then ask again."""
        if isinstance(self.last_error, UpgradeRequired) or self.ended:
            return
        if isinstance(self.last_error, Offline):
            await self.network.came_online.wait()
        elif self.last_error:
            await self.clock.sleep(backoff.wait(failures, self.chance))
        if self.last_error:
            self.ask()

    async def every_quarter_hour(self) -> None:
        while True:
            await self.clock.sleep(EVERY)
            self.ask()
