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
        now = asyncio.get_running_loop().time()
        start = max(now, self._next)
        self._next = start + self._gap
        if start - now > WORTH_SLEEPING:
            await asyncio.sleep(start - now)
