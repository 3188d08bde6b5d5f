"""One request and its answer, with the phone's clock measured against the server's."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from clients.phone.clock import Clock, moment
from clients.phone.errors import UNPROVEN, Problem
from clients.phone.network import Network, Reply
from clients.phone.store import Store

WORTH_WRITING_MS = 250  # below that it is the journey that varies, not the clock


class Wire:
    def __init__(self, network: Network, store: Store, clock: Clock) -> None:
        self.network = network
        self.store = store
        self.clock = clock

    async def post(self, url: str, body: Any, headers: dict[str, str]) -> Reply:
        """The answer. Raises `Problem` for any status but 2xx, `Unreachable` for none."""
        asked = self.clock.now()
        reply = await self.network.post(url, body, headers)
        told = _server_time(reply)
        if told:
            self.measure(told, asked)
        if 200 <= reply.status < 300:
            return reply
        raise Problem(reply.status, reply.body, retry_after(reply, self.now()))

    def measure(self, server_time: datetime, asked: datetime) -> None:
        """How far this phone's clock is behind the server's, judged at half of the journey."""
        halfway = asked + (self.clock.now() - asked) / 2
        offset = round((server_time - halfway) / timedelta(milliseconds=1))
        known = self.offset_ms()
        if known is None or abs(offset - known) > WORTH_WRITING_MS:
            with self.store.transaction():
                self.store.put(offset_ms=offset)

    def offset_ms(self) -> int | None:
        """Milliseconds to add to this phone's clock; None until a server has been heard."""
        offset: int | None = self.store.get("offset_ms")
        return offset

    def now(self) -> datetime:
        """The server's time, as well as this phone knows it."""
        return self.clock.now() + timedelta(milliseconds=self.offset_ms() or 0)


def _server_time(reply: Reply) -> datetime | None:
    """What the protocol tells; else, where a signature was refused, the answer's `Date`, because
    a wrong clock may be the reason."""
    if "server_time" in reply.body:
        return moment(reply.body["server_time"])
    if reply.body.get("code") == UNPROVEN and "date" in reply.headers:
        return parsedate_to_datetime(reply.headers["date"])
    return None


def retry_after(reply: Reply, now: datetime) -> float | None:
    """Seconds to wait, from `Retry-After` (seconds or a date) or `retry_after_ms`."""
    if isinstance(reply.body.get("retry_after_ms"), int | float):
        return float(reply.body["retry_after_ms"]) / 1000
    value = reply.headers.get("retry-after", "")
    if value.isdigit():
        return float(value)
    return _until(value, now) if value else None


def _until(date: str, now: datetime) -> float | None:
    try:
        return max(0.0, (parsedate_to_datetime(date) - now).total_seconds())
    except (TypeError, ValueError):
        return None
