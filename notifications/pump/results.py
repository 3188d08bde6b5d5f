"""From the verdict on an attempt to the row's new state. Pure: no clock, no database."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.transports.answers import Means, Verdict

FIRST_WAIT, LONGEST_WAIT = 10.0, 3600.0
STATES = {
    Means.SENT: "sent",
    Means.GONE: "dead",
    Means.MISMATCH: "dead",
    Means.OUR_FAULT: "dead",
}


@dataclass(frozen=True, slots=True)
class Item:
    """The common fields of a claimed push and a claimed e-mail. `due`: the end of the lease."""

    id: uuid.UUID
    scope_id: uuid.UUID
    fence: int
    attempts: int
    due: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """A row's new state. It is written only if `fence` is still that of the claim."""

    id: uuid.UUID
    fence: int
    state: str
    due: datetime
    attempts: int
    reason: str = ""
    fcm_id: str = ""


def result_of(item: Item, verdict: Verdict, *, now: datetime, dice: random.Random) -> Result:
    """The result of an attempt that counts: finished, or planned again with backoff."""
    attempts = item.attempts + 1
    state = STATES.get(verdict.means)
    if state:
        return Result(
            item.id, item.fence, state, item.due, attempts, verdict.reason, verdict.fcm_id
        )
    due = now + timedelta(seconds=backoff(attempts, verdict.wait, item.expires - now, dice))
    return Result(item.id, item.fence, "planned", due, attempts, verdict.reason)


def backoff(
    attempts: int, retry_after: float | None, left: timedelta, dice: random.Random
) -> float:
    """Seconds until the next attempt: what the service requested or exponential backoff.

    The backoff has full jitter, starts at 10 s and doubles up to an hour. It stays within `left`,
    so that a row is retried until it expires.
    """
    if retry_after is not None:
        return retry_after + dice.uniform(0, 0.1 * retry_after + 1)
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts - 1, 10))
    return max(1.0, dice.uniform(0, min(longest, left.total_seconds())))


def finished(item: Item, state: str, reason: str = "") -> Result:
    """The end without an attempt: "expired", or "dead" with a reason."""
    return Result(item.id, item.fence, state, item.due, item.attempts, reason)


def postponed(item: Item, until: datetime, reason: str) -> Result:
    """Due again at `until`. Not an attempt, or one that does not count."""
    return Result(item.id, item.fence, "planned", until, item.attempts, reason)
