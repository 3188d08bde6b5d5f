"""One request and its answer. Measures the phone's clock against the server's."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from clients.phone.clock import Clock, parse_time
from clients.phone.errors import UNPROVEN, Problem, Unreachable
from clients.phone.network import Network, Reply
from clients.phone.store import Store

MIN_CHANGE_MS = 250  # smaller differences come from the latency, not from the clock


class Wire:
    def __init__(self, network: Network, store: Store, clock: Clock) -> None:
        self.network = network
        self.store = store
        self.clock = clock

    async def post(self, url: str, body: Any, headers: dict[str, str]) -> Reply:
        """Return the answer. Raises `Problem` for any status but 2xx, `Unreachable` without an
        answer."""
        sent_at = self.clock.now()
        reply = await self.network.post(url, body, headers)
        server_time = _server_time(reply)
        if server_time:
            self.measure(server_time, sent_at)
        if 200 <= reply.status < 300:
            return reply
        if not reply.is_json and reply.status < 500:
            # Not a problem document, so something in between has answered.
            raise Unreachable(url, reply.status)
        raise Problem(reply.status, reply.body, retry_after(reply, self.now()))

    def measure(self, server_time: datetime, sent_at: datetime) -> None:
        """Store the clock's offset. The server is assumed to have answered halfway between request
        and answer."""
        halfway = sent_at + (self.clock.now() - sent_at) / 2
        offset = round((server_time - halfway) / timedelta(milliseconds=1))
        known = self.offset_ms()
        if known is None or abs(offset - known) > MIN_CHANGE_MS:
            with self.store.transaction():
                self.store.put(offset_ms=offset)

    def offset_ms(self) -> int | None:
        """Milliseconds to add to this phone's clock; None before the first answer."""
        offset: int | None = self.store.get("offset_ms")
        return offset

    def now(self) -> datetime:
        """The server's time, as far as this phone knows it."""
        return self.clock.now() + timedelta(milliseconds=self.offset_ms() or 0)


def _server_time(reply: Reply) -> datetime | None:
    if "server_time" in reply.body:
        return parse_time(reply.body["server_time"])
    # A signature may have been refused because of a wrong clock, and that answer has only `Date`.
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
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (TypeError, ValueError):  # neither seconds nor a date, or no such header
        return None
