"""Members who write during a fault, and their phones that listen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

from clients.phone import Phone
from tests.faults.circle import Circle
from tests.faults.invariants import held
from tests.faults.writer import Writer
from tools.local.stack import Stack


@asynccontextmanager
async def writing(
    circle: Circle, home: Callable[[], str], *, pause: float = 0.02
) -> AsyncIterator[list[Writer]]:
    """Every member writes until the block ends. Returns once all writes are acknowledged."""
    writers = [Writer(member, home) for member in circle.members]
    stop = asyncio.Event()
    await asyncio.gather(*(writer.register() for writer in writers))
    tasks = [asyncio.create_task(writer.write_until(stop, pause)) for writer in writers]
    try:
        yield writers
        stop.set()
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        for writer in writers:
            await writer.close()


@asynccontextmanager
async def phones_of(
    circle: Circle, stack: Stack, *, connected: bool = True, **where: str
) -> AsyncIterator[list[Phone]]:
    """All members' phones, awake and syncing by themselves."""
    async with AsyncExitStack() as exits:
        phones = [member.phone(stack, **where) for member in circle.members]
        for phone in phones:
            await exits.enter_async_context(phone)
            if connected:
                await exits.enter_async_context(phone.connected())
        yield phones


async def converge(phones: Iterable[Phone], count: int, within: float = 60) -> None:
    """Wait until every phone holds `count` messages, without asking any phone to sync."""
    for phone in phones:
        await phone.wait_for(lambda phone=phone: messages(phone) >= count, within)


async def converge_outboxes(phones: Iterable[Phone], within: float = 60) -> None:
    """Wait until all outboxes are empty."""
    for phone in phones:
        await phone.wait_for(lambda phone=phone: not phone.outbox(), within)


def messages(phone: Phone) -> int:
    return sum(kind == "message" for _, kind, _, _ in held(phone))
