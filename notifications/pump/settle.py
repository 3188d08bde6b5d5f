"""From what became of an attempt to what the ledger says. No clock, no database."""

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
    """What a claimed push and a claimed letter have in common. `due`: when the lease ends."""

    id: uuid.UUID
    scope_id: uuid.UUID
    fence: int
    attempts: int
    due: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """A row's new state, valid only under the fence of its claim."""

    id: uuid.UUID
    fence: int
    state: str
    due: datetime
    attempts: int
    reason: str = ""
    fcm_id: str = ""


def settle(item: Item, verdict: Verdict, *, now: datetime, dice: random.Random) -> Result:
    """After an attempt that counts: ended, or planned again until it expires."""
    attempts = item.attempts + 1
    state = STATES.get(verdict.means)
    if state:
        return Result(
            item.id, item.fence, state, item.due, attempts, verdict.reason, verdict.fcm_id
        )
    again = now + timedelta(seconds=wait_before(attempts, verdict.wait, item.expires - now, dice))
    return Result(item.id, item.fence, "planned", again, attempts, verdict.reason)


def wait_before(attempts: int, asked: float | None, left: timedelta, dice: random.Random) -> float:
    """Seconds until the next try: as asked, else full jitter between nothing and 10 s doubled
    with each attempt up to an hour, but within what is left, so that it is tried to the end."""
    if asked is not None:
        return asked + dice.uniform(0, 0.1 * asked + 1)
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts - 1, 10))
    return max(1.0, dice.uniform(0, min(longest, left.total_seconds())))


def ended(item: Item, state: str, reason: str = "") -> Result:
    """Without an attempt: "expired", or "dead" for a reason."""
    return Result(item.id, item.fence, state, item.due, item.attempts, reason)


def given_back(item: Item, until: datetime, reason: str) -> Result:
    """Not attempted, or an attempt that does not count: somebody's turn again at `until`."""
    return Result(item.id, item.fence, "planned", until, item.attempts, reason)
