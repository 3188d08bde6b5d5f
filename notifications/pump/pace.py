"""How fast to send."""

from __future__ import annotations

import asyncio

# Shorter waits cost more in the event loop than they smooth.
WORTH_SLEEPING = 0.005


class Pace:
    """At most `rate` starts a second, evenly: nothing is saved up during a pause, so a backlog
    drains at the usual speed and not as a spike."""

    def __init__(self, rate: float) -> None:
        self._gap, self._next = 1.0 / rate, 0.0

    async def turn(self) -> None:
        """Wait for our turn."""
        wait = self.wait(asyncio.get_running_loop().time())
        if wait > WORTH_SLEEPING:
            await asyncio.sleep(wait)

    def wait(self, now: float) -> float:
        """Take the next turn; how many seconds after `now` it comes."""
        start = max(now, self._next)
        self._next = start + self._gap
        return start - now
