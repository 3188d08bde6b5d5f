"""Bodies on their way in or out: read whole under a deadline, sent under a deadline, in bounded
memory. Nothing here uses a thread, so a slow client costs a few kilobytes and nobody's time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from foundation.problems import BodyLate, Malformed, TooLarge
from server.wsgi import Answer

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# Seconds for a body of any size, and bytes for each further second.
READ_SECONDS, READ_RATE, LONGEST_READ = 10.0, 8 * 1024, 60.0
SEND_SECONDS, SEND_RATE = 30.0, 16 * 1024
# A larger answer is sent in parts of this size, so that we notice a client that does not read.
PART = 64 * 1024
# After a refusal the rest of the body is read and thrown away for this long: if the connection
# were closed at once, most clients would report a broken connection instead of the answer.
DISCARD_SECONDS, DISCARD_BYTES = 5.0, 16 * 2**20


class Transfers:
    """All unfinished transfers in one direction. When there are too many, or they hold too much,
    one of the network that has the most is ended: its oldest and not the newest, because an honest
    one takes moments, and nobody can keep it from beginning."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self.most, self.most_bytes, self.bytes = most, most_bytes, 0
        self._sizes: dict[asyncio.Timeout, int] = {}
        self._networks: dict[asyncio.Timeout, str] = {}

    @asynccontextmanager
    async def within(self, seconds: float, network: str = "") -> AsyncIterator[asyncio.Timeout]:
        """One transfer. Raises TimeoutError if it takes longer, or is ended for newer ones.

        `network`: of the client.
        """
        async with asyncio.timeout(seconds) as transfer:
            self._sizes[transfer], self._networks[transfer] = 0, network
            self.hold(transfer, 0)
            try:
                yield transfer
            finally:
                self._release(transfer)

    def hold(self, transfer: asyncio.Timeout, size: int) -> None:
        """Count `size` more bytes for a transfer."""
        # One that was ended a moment ago may still get a last part.
        if not self.holds(transfer):
            return
        self._sizes[transfer] += size
        self.bytes += size
        while len(self._sizes) > 1 and (
            len(self._sizes) > self.most or self.bytes > self.most_bytes
        ):
            oldest = self._oldest_of_most()
            self._release(oldest)
            oldest.reschedule(0)

    def holds(self, transfer: asyncio.Timeout) -> bool:
        """False once the transfer was ended."""
        return transfer in self._sizes

    def _oldest_of_most(self) -> asyncio.Timeout:
        too_many = len(self._sizes) > self.most
        held = Counter[str]()
        for transfer, size in self._sizes.items():
            held[self._networks[transfer]] += 1 if too_many else size
        [(network, _)] = held.most_common(1)
        return next(one for one in self._sizes if self._networks[one] == network)

    def _release(self, transfer: asyncio.Timeout) -> None:
        self.bytes -= self._sizes.pop(transfer, 0)
        self._networks.pop(transfer, None)


async def read_body(
    scope: dict[str, Any],
    receive: Receive,
    reading: Transfers,
    most_bytes: int,
    network: str = "",
) -> bytes:
    """The whole body. Raises TooLarge as soon as it is known to be, BodyLate or Malformed."""
    headers = dict(scope["headers"])
    length = int(headers.get(b"content-length", 0))
    if length > most_bytes:
        raise TooLarge
    if not length and b"transfer-encoding" not in headers:
        return b""
    body, more = bytearray(), True
    start = asyncio.get_running_loop().time()
    try:
        async with reading.within(_read_seconds(length), network) as transfer:
            while more:
                part, more = await _part(receive)
                body += part
                if len(body) > most_bytes:
                    raise TooLarge
                reading.hold(transfer, len(part))
                if more and not length and reading.holds(transfer):
                    # Chunked, so the size is not known: more bytes get more time.
                    transfer.reschedule(start + _read_seconds(len(body)))
    except TimeoutError:
        raise BodyLate from None
    return bytes(body)


async def discard_body(receive: Receive) -> None:
    """Read the rest of a body that was refused."""
    with suppress(TimeoutError, Malformed):
        async with asyncio.timeout(DISCARD_SECONDS):
            left, more = DISCARD_BYTES, True
            while more and left > 0:
                part, more = await _part(receive)
                left -= len(part)


async def send_answer(answer: Answer, send: Send, sending: Transfers, network: str = "") -> None:
    """Send a response. A client that does not read it in time is cut off."""
    start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
    await send(start)
    body = answer.body
    if len(body) > PART:
        try:
            seconds = SEND_SECONDS + len(body) / SEND_RATE
            async with sending.within(seconds, network) as transfer:
                sending.hold(transfer, len(body))
                for at in range(0, len(body), PART):
                    part = body[at : at + PART]
                    await send({"type": "http.response.body", "body": part, "more_body": True})
        except TimeoutError:
            return  # Granian closes a connection whose answer is not complete
        body = b""
    await send({"type": "http.response.body", "body": body})


def _read_seconds(size: int) -> float:
    return min(READ_SECONDS + size / READ_RATE, LONGEST_READ)


async def _part(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] != "http.request":
        # The client has gone, or has sent chunks that are none. In ASGI both look like this.
        raise Malformed
    return message.get("body", b""), message.get("more_body", False)
