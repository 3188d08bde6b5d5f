"""What a run found, one JSON line each in .local/reliability.jsonl, for docs/reliability.md."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from tools.local.data_directory import CHECKOUT

FOUND = CHECKOUT / ".local" / "reliability.jsonl"
SEED = "HANDRAIL_SEED"


@dataclass
class Finding:
    """`row`: of the table in faults.py. `figures`: what was measured, by name."""

    row: str
    count: int
    violations: int
    seconds: float
    figures: dict[str, float]


@contextmanager
def finding(row: str) -> Iterator[Finding]:
    """Fill in what was found; it is kept when the block ends well."""
    began = time.monotonic()
    found = Finding(row, 0, 0, 0, {})
    yield found
    found.seconds = round(time.monotonic() - began, 1)
    FOUND.parent.mkdir(exist_ok=True)
    with FOUND.open("a") as file:
        file.write(json.dumps(asdict(found)) + "\n")


def chance() -> random.Random:
    """All chance of one test. The seed is said, and can be given, to have the same again."""
    seed = int(os.environ.get(SEED) or random.SystemRandom().randrange(2**32))
    print(f"{SEED}={seed}", flush=True)
    return random.Random(seed)
