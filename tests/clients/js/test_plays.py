"""The TypeScript phone in the plays of tests/sync, together with the reference phone: in one house,
both must end with what the server holds."""

from __future__ import annotations

import itertools
import os

import pytest

from tests.clients.js.drive import Drive
from tests.clients.js.handset import mixed
from tests.sync.conftest import stage  # noqa: F401  # a fixture
from tests.sync.machine import STEPS, search
from tests.sync.play import Stage
from tests.sync.plays import WRITTEN

MANY, EACH = 10_000, 1000
SLOW_SHARDS = 4
SEED = int(os.environ.get("SYNC_SEED", "1"))


@pytest.fixture(scope="module")
def house(stage: Stage, drive: Drive) -> Stage:  # noqa: F811
    return mixed(stage, drive)


@pytest.fixture(scope="module")
def slow_house(stage: Stage, drive: Drive) -> Stage:  # noqa: F811
    return mixed(stage, drive, slow=True)


@pytest.mark.parametrize("name", WRITTEN)
def test_it_keeps_every_invariant_in_the_written_plays(house: Stage, name: str) -> None:
    house.play(WRITTEN[name])


@pytest.mark.parametrize("name", WRITTEN)
def test_it_does_with_slow_storage(slow_house: Stage, name: str) -> None:
    slow_house.play(WRITTEN[name])


def test_it_keeps_every_invariant_in_some_plays(house: Stage) -> None:
    assert search(house, examples=25, steps=STEPS, number=0) >= 25


@pytest.mark.soak
def test_it_keeps_every_invariant_in_ten_thousand_plays(house: Stage) -> None:
    """One after another in the same process. Another SYNC_SEED gives other plays."""
    numbers, played = itertools.count(SEED * 1000), 0
    while played < MANY:
        played += search(house, examples=EACH, steps=STEPS, number=next(numbers))


@pytest.mark.soak
@pytest.mark.parametrize("shard", range(SLOW_SHARDS))
def test_it_does_in_many_plays_with_slow_storage(slow_house: Stage, shard: int) -> None:
    number = SEED * 1000 + MANY // EACH + shard
    assert search(slow_house, examples=EACH, steps=STEPS, number=number) >= EACH
