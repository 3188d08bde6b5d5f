"""Threads for requests, with a bounded queue in front of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from foundation.problems import Busy

Result = TypeVar("Result")
# A client that still waits for a thread then has probably given up: the work would be for nobody.
WAIT_SECONDS = 10.0


class Lane:
    """`threads` calls run at once and `queue` more may wait. Each thread calls `prepare` first."""

    def __init__(
        self,
        name: str,
        threads: int,
        queue: int,
        wait_seconds: float = WAIT_SECONDS,
        prepare: Callable[[], object] | None = None,
    ) -> None:
        self.threads, self.wait_seconds = threads, wait_seconds
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name, initializer=prepare)
        self._room = threads + queue

    async def run(self, call: Callable[..., Result], *arguments: object) -> Result:
        """Raises Busy at once if the queue is full, and later if no thread was free in time."""
        if not self._room:
            raise Busy
        self._room -= 1
        try:
            job = self._pool.submit(call, *arguments)
            # Does nothing to a call that is running.
            patience = asyncio.get_running_loop().call_later(self.wait_seconds, job.cancel)
            try:
                return await asyncio.wrap_future(job)
            except asyncio.CancelledError:
                if job.cancelled():
                    raise Busy from None
                raise
            finally:
                patience.cancel()
        finally:
            self._room += 1
