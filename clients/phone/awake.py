"""The phone while its app is open: the socket and the triggers run."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from clients.phone.live import Live
from clients.phone.store import Store
from clients.phone.triggers import Triggers

RECHECK = 0.05  # seconds; detects changes that have no commit


class Awake:
    def __init__(self, live: Live, triggers: Triggers, store: Store) -> None:
        self.live = live
        self.triggers = triggers
        self._tasks: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()
        store.after_commit = self._changed.set

    async def __aenter__(self) -> "Awake":
        jobs = self.triggers.run(), self.triggers.every_quarter_hour(), self.live.run()
        self._tasks = [asyncio.create_task(job) for job in jobs]
        self.triggers.ask()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.live.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def wait_for(self, predicate: Callable[[], object], within: float = 10) -> None:
        """Wait until `predicate()` holds, checked after every commit. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while not predicate():
                self._changed.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), RECHECK)

    @property
    def is_awake(self) -> bool:
        return bool(self._tasks)
