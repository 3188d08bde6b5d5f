"""How long to wait before trying again: full jitter, so that phones do not return together."""

from random import Random

FIRST, LONGEST = 0.5, 60.0  # seconds


def wait(attempt: int, chance: Random, at_least: float | None = None) -> float:
    """Seconds before try number `attempt` (1 is the first repetition). What the server asks for
    in `at_least` is a floor, never a replacement for the jitter."""
    ceiling = min(LONGEST, FIRST * 2**attempt)
    return (at_least or 0) + chance.uniform(0, ceiling)
