"""How the phone reacts to each close code of the live socket (docs/protocol.md)."""

from random import Random
from typing import NamedTuple

from clients.phone import backoff


class Reaction(NamedTuple):
    """First `do`. Then reconnect after a random time between `low` and `high` seconds or, with
    `stay_away`, only when the app is opened again."""

    do: str = ""  # refresh, wipe, pull, too_old
    low: float = 0
    high: float = 0
    stay_away: bool = False


REACTIONS = {
    4400: Reaction(do="pull", low=30, high=60),  # the pull shows whether our client id is unknown
    4401: Reaction(do="refresh"),
    4403: Reaction(do="wipe", stay_away=True),
    4406: Reaction(stay_away=True),
    4408: Reaction(),
    4409: Reaction(stay_away=True),
    4410: Reaction(do="pull"),
    4426: Reaction(do="too_old", stay_away=True),
    4429: Reaction(low=30, high=90),
    1012: Reaction(low=0, high=30),
    1013: Reaction(low=0, high=30),
}


def reaction(code: int | None) -> Reaction:
    """The reaction to a close code. Any other end, such as a lost network, is a plain reconnect."""
    return REACTIONS.get(code or 1006, Reaction())


def pause(reaction: Reaction, failures: int, chance: Random) -> float:
    """Return the seconds before reconnecting. `failures`: consecutive sockets without a hello."""
    return chance.uniform(reaction.low, reaction.high) + (
        backoff.wait(failures, chance) if failures else 0
    )
