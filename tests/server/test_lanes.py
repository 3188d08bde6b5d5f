"""A lane runs a fixed number of calls at once, lets some wait, and refuses the rest at once."""

from __future__ import annotations

import asyncio
import threading

import pytest

from foundation.problems import Busy
from server.lanes import Lane


async def test_a_full_queue_refuses_at_once_and_takes_calls_again_later() -> None:
    lane, go = Lane("test", 1, 1), threading.Event()
    try:
        running = asyncio.create_task(lane.run(go.wait))
        waiting = asyncio.create_task(lane.run(int, "7"))
        await asyncio.sleep(0)
        for _ in range(3):
            with pytest.raises(Busy) as refusal:
                await lane.run(int, "8")
        assert refusal.value.headers == {"Retry-After": "2"}
    finally:
        go.set()
    assert (await running, await waiting) == (True, 7)
    assert await lane.run(int, "9") == 9


async def test_a_call_that_no_thread_takes_in_time_never_runs() -> None:
    lane, go, done = Lane("test", 1, 1, wait_seconds=0.01), threading.Event(), list[int]()
    try:
        running = asyncio.create_task(lane.run(go.wait))
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await lane.run(done.append, 1)
    finally:
        go.set()
    assert await running is True, "a call that runs is never cut off"
    assert await lane.run(int, "9") == 9
    assert done == []


async def test_what_a_call_raises_reaches_the_caller() -> None:
    lane = Lane("test", 1, 0)
    for _ in range(3):
        with pytest.raises(ValueError, match="invalid literal"):
            await lane.run(int, "x")
