"""Exponential backoff with full jitter, so that phones do not all return at once."""

from random import Random

FIRST, LONGEST = 0.5, 60.0  # seconds


def wait(attempt: int, chance: Random, at_least: float | None = None) -> float:
    """Return the seconds to wait before retry number `attempt`, counted from 1. The server's
    `at_least` is added to the jitter, so that it never replaces it."""
    ceiling = min(LONGEST, FIRST * 2**attempt)
    return (at_least or 0) + chance.uniform(0, ceiling)
