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


async def test_networks_take_turns() -> None:
    lane, go, done = Lane("test", 1, 9), threading.Event(), list[str]()
    calls = [asyncio.create_task(lane.run(go.wait, network="a"))]
    for network in ("a", "a", "a", "b", "c", "b"):
        call = lane.run(done.append, f"{network}{len(calls)}", network=network)
        calls.append(asyncio.create_task(call))
        await asyncio.sleep(0)
    go.set()
    await asyncio.gather(*calls)
    assert done == ["a1", "b4", "c5", "a2", "b6", "a3"]


async def test_a_full_queue_makes_room_for_other_networks() -> None:
    """Who fills it loses their newest calls. Who has as many in it as the others gets no more."""
    lane, go = Lane("test", 1, 4), threading.Event()
    calls = [asyncio.create_task(lane.run(go.wait, network="a"))]
    for network in ("a", "a", "a", "a", "b", "b"):
        calls.append(asyncio.create_task(lane.run(str, len(calls), network=network)))
        await asyncio.sleep(0)
    for network in ("a", "b"):
        with pytest.raises(Busy):
            await lane.run(str, network=network)
    go.set()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(answer) for answer in answers[3:5]] == [Busy, Busy]
    assert answers[:3] + answers[5:] == [True, "1", "2", "5", "6"]
    assert await lane.run(str, "later", network="a") == "later"


async def test_who_gives_up_leaves_their_place() -> None:
    lane, go = Lane("test", 1, 1), threading.Event()
    running = asyncio.create_task(lane.run(go.wait))
    await asyncio.sleep(0)
    gone = asyncio.create_task(lane.run(int, "7"))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    waiting = asyncio.create_task(lane.run(int, "8"))
    await asyncio.sleep(0)
    go.set()
    assert (await running, await waiting) == (True, 8)


async def test_no_thread_is_lost_to_who_gives_up_as_it_becomes_free() -> None:
    lane, go = Lane("test", 1, 1), threading.Event()
    running = asyncio.create_task(lane.run(go.wait))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(lane.run(int, "7"))
    await asyncio.sleep(0)
    running.cancel()
    waiting.cancel()
    ends = await asyncio.gather(running, waiting, return_exceptions=True)
    assert [type(end) for end in ends] == [asyncio.CancelledError] * 2
    go.set()
    assert await lane.run(int, "8") == 8
