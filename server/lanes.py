"""Threads for requests, with a bounded queue in front of them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from foundation.problems import Busy

Result = TypeVar("Result")
# A client that still waits for a thread then has probably given up: the work would be for nobody.
WAIT_SECONDS = 10.0


class Lane:
    """`threads` calls run at once and `queue` more may wait. Each thread calls `prepare` first.

    The networks that wait take turns, and a full queue makes room for a network that has fewer
    calls in it than another. So those who ask a hundred times at once keep only themselves waiting.
    """

    def __init__(
        self,
        name: str,
        threads: int,
        queue: int,
        wait_seconds: float = WAIT_SECONDS,
        prepare: Callable[[], object] | None = None,
    ) -> None:
        self.threads, self.queue, self.wait_seconds = threads, queue, wait_seconds
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name, initializer=prepare)
        self._free = threads
        # In the order of their turns. No queue is empty.
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def run(
        self, call: Callable[..., Result], *arguments: object, network: str = ""
    ) -> Result:
        """Raises Busy at once if the queue is full, and later if no thread was free in time.

        `network`: where the request came from.
        """
        if self._free:
            self._free -= 1
        else:
            await self._wait(network)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, call, *arguments)
        finally:
            self._pass_on()

    async def _wait(self, network: str) -> None:
        """Return when it is this call's turn."""
        self._make_room(network)
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(network, deque()).append(turn)
        try:
            async with asyncio.timeout(self.wait_seconds):
                await turn
        except BaseException as error:
            if turn in self._waiting.get(network, ()):
                self._drop(network, turn)
            elif not turn.cancelled() and turn.exception() is None:
                # The turn came at the same moment.
                self._pass_on()
            if isinstance(error, TimeoutError):
                raise Busy from None
            raise

    def _make_room(self, network: str) -> None:
        """Raises Busy if the queue is full and no network has more in it than this one will."""
        if sum(map(len, self._waiting.values())) < self.queue:
            return
        most = max(self._waiting, key=lambda name: len(self._waiting[name]), default=network)
        if len(self._waiting.get(most, ())) <= len(self._waiting.get(network, ())) + 1:
            raise Busy
        newest = self._waiting[most][-1]
        self._drop(most, newest)
        if not newest.done():
            newest.set_exception(Busy())

    def _pass_on(self) -> None:
        """A thread is free: it is the turn of the next network's oldest call."""
        while self._waiting:
            network = next(iter(self._waiting))
            turns = self._waiting.pop(network)
            turn = turns.popleft()
            if turns:
                self._waiting[network] = turns
            if not turn.done():  # else its caller has given up a moment ago
                turn.set_result(None)
                return
        self._free += 1

    def _drop(self, network: str, turn: asyncio.Future[None]) -> None:
        self._waiting[network].remove(turn)
        if not self._waiting[network]:
            del self._waiting[network]
