"""Stores each finding as one JSON line in .local/reliability.jsonl, for docs/reliability.md."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from tools.local.data_directory import CHECKOUT

FINDINGS = CHECKOUT / ".local" / "reliability.jsonl"
SEED = "HANDRAIL_SEED"


@dataclass
class Finding:
    """`row` is a key of the table in table.py. `figures` holds the measurements by name."""

    row: str
    count: int
    violations: int
    seconds: float
    figures: dict[str, float]


@contextmanager
def finding(row: str) -> Iterator[Finding]:
    """A finding for the block to fill in. It is stored if the block succeeds."""
    began = time.monotonic()
    record = Finding(row, 0, 0, 0, {})
    yield record
    record.seconds = round(time.monotonic() - began, 1)
    FINDINGS.parent.mkdir(exist_ok=True)
    with FINDINGS.open("a") as file:
        file.write(json.dumps(asdict(record)) + "\n")


def chance() -> random.Random:
    """The random source of one test. The seed is printed and can be set to repeat a run."""
    seed = int(os.environ.get(SEED) or random.SystemRandom().randrange(2**32))
    print(f"{SEED}={seed}", flush=True)
    return random.Random(seed)
