"""Pacing of requests to the push service."""

from __future__ import annotations

import asyncio

# Seconds. Shorter sleeps cost more in the event loop than they smooth the rate.
SHORTEST_SLEEP = 0.005


class Pace:
    """At most `rate` turns a second, evenly spaced.

    Unlike a token bucket it saves up nothing while idle, so that a backlog drains at the usual
    speed instead of starting with a burst.
    """

    def __init__(self, rate: float) -> None:
        self._gap, self._next = 1.0 / rate, 0.0

    async def turn(self) -> None:
        """Sleep until the caller may send."""
        wait = self.wait(asyncio.get_running_loop().time())
        if wait > SHORTEST_SLEEP:
            await asyncio.sleep(wait)

    def wait(self, now: float) -> float:
        """Reserve the next turn. Returns how many seconds after `now` it starts."""
        start = max(now, self._next)
        self._next = start + self._gap
        return start - now
