"""This process's one connection to Valkey's channels. When it breaks it comes back by itself."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Iterable

import structlog
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

Hear = Callable[[bytes], None]
# A confirmation takes a millisecond; without one the socket lives on heartbeats until it comes.
CONFIRMED_SECONDS = 2
PING_SECONDS = 5
SILENCE_SECONDS = 3 * PING_SECONDS
LONGEST_PAUSE = 4.0
# After so many messages or bytes in a row the writers get their turn, well before a mailbox is
# full.
TURN_MESSAGES, TURN_BYTES = 32, 32 * 1024
AT_ONCE = 1000

log = structlog.get_logger()


class Bus:
    """`on_return` is called each time the connection is back after messages may have been lost."""

    def __init__(self, url: str, on_return: Callable[[], None]) -> None:
        self._pool = ConnectionPool.from_url(url, protocol=2, socket_connect_timeout=2)
        self._on_return = on_return
        self._ears: dict[str, Hear] = {}
        self._unconfirmed: dict[str, asyncio.Future[None]] = {}
        self._commands: asyncio.Queue[tuple[str, ...]] = asyncio.Queue()
        self._heard_at = 0.0
        self.is_up = False

    async def listen(self, ears: dict[str, Hear]) -> bool:
        """Hear these channels from now on. False: not yet, for Valkey is away."""
        new = [channel for channel in ears if channel not in self._ears]
        self._ears |= ears
        if not self.is_up:
            return False
        self._subscribe(new)
        waiting = [self._unconfirmed[channel] for channel in ears if channel in self._unconfirmed]
        if not waiting:
            return True
        done, late = await asyncio.wait(waiting, timeout=CONFIRMED_SECONDS)
        return not late and not any(future.cancelled() for future in done)

    def forget(self, channels: Iterable[str]) -> None:
        gone = [channel for channel in channels if self._ears.pop(channel, None)]
        if gone and self.is_up:
            self._commands.put_nowait(("UNSUBSCRIBE", *gone))

    async def run(self) -> None:
        """Connect, listen, and begin again when it breaks; until cancelled."""
        tries = 0
        while True:
            try:
                await self._one_connection()
                tries = 0
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("live_bus_lost", error=type(error).__name__)
            tries += 1
            most = min(LONGEST_PAUSE, 0.1 * 2**tries)
            await asyncio.sleep(random.uniform(0, most))  # noqa: S311  # jitter

    def _subscribe(self, channels: list[str]) -> None:
        loop = asyncio.get_running_loop()
        self._unconfirmed |= {channel: loop.create_future() for channel in channels}
        for n in range(0, len(channels), AT_ONCE):
            self._commands.put_nowait(("SUBSCRIBE", *channels[n : n + AT_ONCE]))

    async def _one_connection(self) -> None:
        connection = self._pool.make_connection()
        try:
            await connection.connect()
            self._begin()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._speak(connection))
                tasks.create_task(self._watch())
                tasks.create_task(self._return())
                await self._hear(connection)
        except* (RedisError, OSError, TimeoutError) as errors:
            raise errors.exceptions[0] from None
        finally:
            self._end()
            await connection.disconnect(nowait=True)

    def _begin(self) -> None:
        self.is_up = True
        self._heard_at = asyncio.get_running_loop().time()
        self._commands = asyncio.Queue()
        self._subscribe(list(self._ears))

    def _end(self) -> None:
        self.is_up = False
        for future in self._unconfirmed.values():
            future.cancel()
        self._unconfirmed.clear()

    async def _return(self) -> None:
        """Once everything is heard again, say that something may have been missed."""
        if self._unconfirmed:
            await asyncio.wait(list(self._unconfirmed.values()))
        self._on_return()

    async def _speak(self, connection: AbstractConnection) -> None:
        while True:
            try:
                async with asyncio.timeout(PING_SECONDS):
                    command = await self._commands.get()
            except TimeoutError:
                command = ("PING",)
            await connection.send_command(*command)

    async def _watch(self) -> None:
        """A connection that says nothing, not even to a ping, is dead."""
        while True:
            await asyncio.sleep(PING_SECONDS)
            if asyncio.get_running_loop().time() - self._heard_at > SILENCE_SECONDS:
                raise TimeoutError

    async def _hear(self, connection: AbstractConnection) -> None:
        loop = asyncio.get_running_loop()
        messages = size = 0
        while True:
            answer = await connection.read_response(timeout=math.inf)
            self._heard_at = loop.time()
            if answer[0] == b"message":
                self._pass_on(answer[1].decode(), answer[2])
                size += len(answer[2])
            elif answer[0] == b"subscribe":
                self._confirm(answer[1].decode())
            messages += 1
            if messages >= TURN_MESSAGES or size >= TURN_BYTES:
                messages = size = 0
                await asyncio.sleep(0)

    def _pass_on(self, channel: str, content: bytes) -> None:
        hear = self._ears.get(channel)
        if hear:
            try:
                hear(content)
            except ValueError:
                log.warning("live_message_unreadable", channel=channel.partition(".")[0])

    def _confirm(self, channel: str) -> None:
        future = self._unconfirmed.pop(channel, None)
        if future and not future.done():
            future.set_result(None)
