"""What every proxy does: pass data on in both directions."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def until_either_ends(*directions: Coroutine[Any, Any, None]) -> None:
    """Run both directions of a connection. When one ends, so does the other."""
    tasks = [asyncio.create_task(direction) for direction in directions]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
