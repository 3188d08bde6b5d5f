"""Count how many concurrent requests a limit allows."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from foundation.problems import SlowDown
from recovery.limits.consume import consume
from recovery.limits.limit import Use
from tests.cast import NOW


def count_allowed(requests: Iterable[tuple[Use, ...]]) -> int:
    """How many requests are allowed, 24 at once. Each counts against the limits of its uses."""

    def is_allowed(uses: tuple[Use, ...]) -> bool:
        try:
            consume(*uses, now=NOW)
        except SlowDown:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(24) as threads:
        return sum(threads.map(is_allowed, requests))
