"""Half-sent bodies hold bounded memory, and the oldest make room for the newest."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.problems import BodyLate, Malformed, TooLarge
from server.transfers import Transfers, read_body

MOST_BODY = 1000


class Client:
    """A client that sends `parts` of a body, then the end or nothing more."""

    def __init__(self, parts: list[bytes], *, ends: bool = True, length: int | None = None) -> None:
        self.left = [
            {"type": "http.request", "body": part, "more_body": not ends or n < len(parts)}
            for n, part in enumerate(parts, 1)
        ]
        sized = (b"content-length", str(length).encode())
        self.headers = [sized if length is not None else (b"transfer-encoding", b"chunked")]

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(0)
        if self.left:
            return self.left.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, reading: Transfers, network: str = "") -> bytes:
        scope = {"headers": self.headers}
        return await read_body(scope, self.receive, reading, MOST_BODY, network)


async def test_a_body_arrives_whole() -> None:
    reading = Transfers(9, 9999)
    parts = [b"a" * 400, b"", b"b" * 600]
    assert await Client(parts).send(reading) == b"".join(parts)
    assert await Client(parts, length=1000).send(reading) == b"".join(parts)
    assert reading.bytes == 0


async def test_a_body_is_refused_as_soon_as_it_is_too_large() -> None:
    reading = Transfers(9, 9999)
    announced = Client([], length=1001)
    with pytest.raises(TooLarge):
        await announced.send(reading)
    client = Client([b"a" * 999, b"bb", b"never read"])
    with pytest.raises(TooLarge):
        await client.send(reading)
    assert len(client.left) == 1
    assert reading.bytes == 0


async def test_a_client_that_has_gone_is_noticed() -> None:
    client = Client([b"a"], ends=False)
    client.left.append({"type": "http.disconnect"})
    with pytest.raises(Malformed):
        await client.send(Transfers(9, 9999))


@given(
    st.lists(st.integers(min_value=1, max_value=MOST_BODY), min_size=1, max_size=40),
    st.integers(min_value=1, max_value=10),
    st.integers(min_value=MOST_BODY, max_value=5 * MOST_BODY),
)
def test_half_sent_bodies_never_hold_more_than_they_may(
    sizes: list[int], most: int, most_bytes: int
) -> None:
    """However many come, memory is bounded and the next whole body still arrives."""

    async def play() -> None:
        reading = Transfers(most, most_bytes)
        stuck: list[asyncio.Task[bytes]] = []
        for size in sizes:
            stuck.append(asyncio.create_task(Client([b"x" * size], ends=False).send(reading)))
            for _ in range(5):
                await asyncio.sleep(0)
            assert reading.bytes <= most_bytes
            assert await Client([b"whole"]).send(reading) == b"whole"
        await asyncio.sleep(0.01)
        left = [task for task in stuck if not task.done()]
        assert len(left) <= most
        assert left == stuck[len(stuck) - len(left) :], "the oldest went first"
        for task in stuck[: len(stuck) - len(left)]:
            with pytest.raises(BodyLate):
                await task
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        assert reading.bytes == 0

    asyncio.run(play())


@pytest.mark.parametrize("limits", [(4, 9999), (99, 400)])
async def test_who_holds_most_makes_room(limits: tuple[int, int]) -> None:
    """Strangers who begin ever more bodies end their own, and none of another network's."""
    reading = Transfers(*limits)
    slow = asyncio.create_task(Client([b"x" * 99], ends=False).send(reading, "a phone"))
    await asyncio.sleep(0.01)
    stuck = []
    for _ in range(20):
        client = Client([b"x" * 99], ends=False)
        stuck.append(asyncio.create_task(client.send(reading, "strangers")))
        await asyncio.sleep(0.01)
    assert not slow.done()
    assert [task.done() for task in stuck] == [True] * 17 + [False] * 3
    for task in (slow, *stuck):
        task.cancel()
    await asyncio.gather(slow, *stuck, return_exceptions=True)
