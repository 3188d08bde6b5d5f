"""The process's one subscription connection to Valkey. Reconnects by itself."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Iterable

import structlog
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

Handler = Callable[[bytes], None]
# A confirmation takes a millisecond. Until it comes the socket relies on heartbeats.
CONFIRMED_SECONDS = 2
PING_SECONDS = 5
SILENCE_SECONDS = 3 * PING_SECONDS
MAX_BACKOFF = 4.0
# After this many messages or bytes in a row the writing tasks get a turn, well before a send
# queue is full.
TURN_MESSAGES, TURN_BYTES = 32, 32 * 1024
BATCH = 1000

log = structlog.get_logger()


class PubSub:
    """Calls `on_reconnect` whenever it is subscribed again after messages may have been lost."""

    def __init__(self, url: str, on_reconnect: Callable[[], None]) -> None:
        self._pool = ConnectionPool.from_url(url, protocol=2, socket_connect_timeout=2)
        self._on_reconnect = on_reconnect
        self._handlers: dict[str, Handler] = {}
        self._unconfirmed: dict[str, asyncio.Future[None]] = {}
        self._commands: asyncio.Queue[tuple[str, ...]] = asyncio.Queue()
        self._last_read_at = 0.0
        self.is_up = False

    async def subscribe(self, handlers: dict[str, Handler]) -> bool:
        """Subscribe to channels. Returns False if Valkey has not confirmed it yet."""
        new = [channel for channel in handlers if channel not in self._handlers]
        self._handlers |= handlers
        if not self.is_up:
            return False
        self._request(new)
        waiting = [
            self._unconfirmed[channel] for channel in handlers if channel in self._unconfirmed
        ]
        if not waiting:
            return True
        done, late = await asyncio.wait(waiting, timeout=CONFIRMED_SECONDS)
        return not late and not any(future.cancelled() for future in done)

    def unsubscribe(self, channels: Iterable[str]) -> None:
        dropped = [channel for channel in channels if self._handlers.pop(channel, None)]
        if dropped and self.is_up:
            self._commands.put_nowait(("UNSUBSCRIBE", *dropped))

    async def run(self) -> None:
        """Connect and listen; reconnect with backoff. Runs until cancelled."""
        tries = 0
        while True:
            try:
                await self._connect_and_read()
                tries = 0
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("live_bus_lost", error=type(error).__name__)
            tries += 1
            longest = min(MAX_BACKOFF, 0.1 * 2**tries)
            await asyncio.sleep(random.uniform(0, longest))  # noqa: S311  # jitter

    def _request(self, channels: list[str]) -> None:
        loop = asyncio.get_running_loop()
        self._unconfirmed |= {channel: loop.create_future() for channel in channels}
        for n in range(0, len(channels), BATCH):
            self._commands.put_nowait(("SUBSCRIBE", *channels[n : n + BATCH]))

    async def _connect_and_read(self) -> None:
        connection = self._pool.make_connection()
        try:
            await connection.connect()
            self.is_up = True
            self._last_read_at = asyncio.get_running_loop().time()
            self._commands = asyncio.Queue()
            self._request(list(self._handlers))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write(connection))
                tasks.create_task(self._detect_silence())
                tasks.create_task(self._report_reconnect())
                await self._read(connection)
        except* (RedisError, OSError, TimeoutError) as errors:
            raise errors.exceptions[0] from None
        finally:
            self.is_up = False
            for future in self._unconfirmed.values():
                future.cancel()
            self._unconfirmed.clear()
            await connection.disconnect(nowait=True)

    async def _report_reconnect(self) -> None:
        """Once all channels are confirmed, report that messages may have been missed."""
        if self._unconfirmed:
            await asyncio.wait(list(self._unconfirmed.values()))
        self._on_reconnect()

    async def _write(self, connection: AbstractConnection) -> None:
        while True:
            try:
                async with asyncio.timeout(PING_SECONDS):
                    command = await self._commands.get()
            except TimeoutError:
                command = ("PING",)
            await connection.send_command(*command)

    async def _detect_silence(self) -> None:
        """A connection that does not even answer a ping is dead."""
        while True:
            await asyncio.sleep(PING_SECONDS)
            if asyncio.get_running_loop().time() - self._last_read_at > SILENCE_SECONDS:
                raise TimeoutError

    async def _read(self, connection: AbstractConnection) -> None:
        loop = asyncio.get_running_loop()
        messages = size = 0
        while True:
            answer = await connection.read_response(timeout=math.inf)
            self._last_read_at = loop.time()
            if answer[0] == b"message":
                self._dispatch(answer[1].decode(), answer[2])
                size += len(answer[2])
            elif answer[0] == b"subscribe":
                future = self._unconfirmed.pop(answer[1].decode(), None)
                if future:
                    future.set_result(None)
            messages += 1
            if messages >= TURN_MESSAGES or size >= TURN_BYTES:
                messages = size = 0
                await asyncio.sleep(0)

    def _dispatch(self, channel: str, payload: bytes) -> None:
        handler = self._handlers.get(channel)
        if handler:
            try:
                handler(payload)
            except ValueError:
                log.warning("live_message_unreadable", channel=channel.partition(".")[0])
