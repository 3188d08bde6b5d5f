"""Waiting for something to be seen, as a player would: by looking again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

POLL_LOCAL, POLL_SERVER = 0.05, 0.25  # seconds
QUIET = 1.5  # seconds of waiting after which something counts as not happening
PATIENCE = 15.0  # seconds that anything may take, unless a line says `within`


class NotSeen(Exception):
    """Something that should have happened did not."""


async def until(holds: Callable[[], object], what: str, within: float = PATIENCE) -> None:
    """Poll until `holds()`. Raises NotSeen if it does not hold in time."""
    try:
        async with asyncio.timeout(within):
            while not holds():  # noqa: ASYNC110  # files and phones send no event
                await asyncio.sleep(POLL_LOCAL)
    except TimeoutError:
        raise NotSeen(f"{what}: not within {within:g} s") from None


async def until_equal(ask: Callable[[], Awaitable[Any]], expected: Any, what: str) -> None:
    """Poll the server until it answers `expected`. Raises NotSeen if it never does."""
    answer = None
    for _ in range(round(PATIENCE / POLL_SERVER)):
        answer = await ask()
        if answer == expected:
            return
        await asyncio.sleep(POLL_SERVER)
    raise NotSeen(f"{what}: {answer}, not {expected}")


async def stays_true(holds: Callable[[], bool], what: str) -> None:
    """Raises NotSeen if `holds()` becomes false within a moment."""
    try:
        await until(lambda: not holds(), what, QUIET)
    except NotSeen:
        return
    raise NotSeen(what)
