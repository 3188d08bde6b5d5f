"""The search for plays that break an invariant. `make soak` tries 8,000 of them.

A failure prints its seed and the shortest failing play. Add that play to plays.py.
"""

from __future__ import annotations

import os

import pytest

from tests.sync.machine import STEPS, search
from tests.sync.play import Stage

SHARDS, EACH = 8, 1000
SEED = int(os.environ.get("SYNC_SEED", "1"))


def test_every_invariant_holds_in_some_plays(stage: Stage) -> None:
    search(stage, examples=40, steps=STEPS, number=0)


@pytest.mark.soak
@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_invariant_holds_in_many_plays(stage: Stage, shard: int) -> None:
    """Another SYNC_SEED gives other plays."""
    number = SEED * 1000 + shard
    print(f"seed {number}")
    search(stage, examples=EACH, steps=STEPS, number=number)
