"""What each close code of the live socket asks of the phone (protocol, section 2.5)."""

from random import Random
from typing import NamedTuple

from clients.phone import backoff


class Closing(NamedTuple):
    """`do` happens first; then reconnect after a random time between `low` and `high` seconds,
    or, with `stay_away`, only when the app is opened again."""

    do: str = ""  # refresh, wipe, pull, too_old
    low: float = 0
    high: float = 0
    stay_away: bool = False


CLOSINGS = {
    4400: Closing(do="pull", low=30, high=60),  # a pull finds out if our client id is unknown
    4401: Closing(do="refresh"),
    4403: Closing(do="wipe", stay_away=True),
    4406: Closing(stay_away=True),
    4408: Closing(),
    4409: Closing(stay_away=True),
    4410: Closing(do="pull"),
    4426: Closing(do="too_old", stay_away=True),
    4429: Closing(low=30, high=90),
    1012: Closing(low=0, high=30),
    1013: Closing(low=0, high=30),
}


def closing(code: int | None) -> Closing:
    """Any other end, such as a lost network, is a plain reconnect."""
    return CLOSINGS.get(code or 1006, Closing())


def pause(closing: Closing, failures: int, chance: Random) -> float:
    """Seconds before reconnecting; `failures` counts sockets in a row that never said hello."""
    return chance.uniform(closing.low, closing.high) + (
        backoff.wait(failures, chance) if failures else 0
    )
