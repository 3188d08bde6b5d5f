"""The phone while its app is open: socket and triggers run; and how to wait for something."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from clients.phone.live import Live
from clients.phone.store import Store
from clients.phone.triggers import Triggers

LOOK_AGAIN = 0.05  # seconds; what changes without a commit is noticed this late


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
        """Until `predicate()` holds, looked at after every local change. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while not predicate():
                self._changed.clear()
                await self._change()

    async def _change(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), LOOK_AGAIN)

    @property
    def is_awake(self) -> bool:
        return bool(self._tasks)
