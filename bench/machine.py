"""How fast this machine is at the moment: on a shared one that changes by half within an hour.

A rate means little without it; compare rates of runs with like speeds, or ratios.
"""

from __future__ import annotations

import json
import time
from statistics import median

TURNS, ROUNDS = 20_000, 5


def speed() -> int:
    """Thousand turns a second of a loop of plain Python on one core, alone on the machine."""
    return round(TURNS / 1000 / median(_seconds() for _ in range(ROUNDS)))


def _seconds() -> float:
    begun = time.perf_counter()
    for n in range(TURNS):
        json.dumps({"n": n, "text": str(n)})
    return time.perf_counter() - begun
