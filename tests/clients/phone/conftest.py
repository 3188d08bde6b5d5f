"""A scripted server and a phone signed in to it."""

from collections.abc import AsyncIterator
from random import Random

import pytest

from clients.phone import Phone
from tests.clients.phone.pages import TOKENS
from tests.clients.phone.scripted import QuickClock, Server


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """Fails the test if the phone sent a request that is not in the script."""
    server = Server()
    server.url = await server.start()
    yield server
    await server.stop()
    assert server.surprises == []


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


@pytest.fixture
async def phone(server: Server, clock: QuickClock) -> AsyncIterator[Phone]:
    async with Phone(server.url, clock=clock, chance=Random(1)) as phone:
        phone.session.begin("ana", TOKENS)
        yield phone
