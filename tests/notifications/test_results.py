from __future__ import annotations

import random
import uuid
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.pump.results import Item, backoff, result_of
from notifications.transports.answers import Means, Verdict
from tests.cast import NOW

dice = st.integers(0, 2**32).map(random.Random)
ROW = Item(
    id=uuid.UUID(int=1),
    scope_id=uuid.UUID(int=2),
    fence=3,
    attempts=4,
    due=NOW,
    expires=NOW + timedelta(days=1),
)


@pytest.mark.parametrize(
    ("means", "state"),
    [
        (Means.SENT, "sent"),
        (Means.GONE, "dead"),
        (Means.MISMATCH, "dead"),
        (Means.OUR_FAULT, "dead"),
        (Means.TRY_LATER, "planned"),
    ],
)
def test_every_attempt_is_counted(means: Means, state: str) -> None:
    result = result_of(ROW, Verdict(means, "word"), now=NOW, dice=random.Random(1))
    assert (result.state, result.attempts, result.reason) == (state, 5, "word")
    assert (result.id, result.fence) == (ROW.id, ROW.fence)


@given(
    attempts=st.integers(1, 10_000),
    left=st.timedeltas(timedelta(seconds=2), timedelta(2)),
    dice=dice,
)
def test_it_is_retried_within_its_lifetime(
    attempts: int, left: timedelta, dice: random.Random
) -> None:
    wait = backoff(attempts, None, left, dice)
    assert 1 <= wait <= min(left.total_seconds(), 3600, 10 * 2 ** (attempts - 1))


@given(dice=dice, retry_after=st.floats(0, 3600))
def test_the_service_is_never_retried_before_its_retry_after(
    dice: random.Random, retry_after: float
) -> None:
    again = result_of(ROW, Verdict(Means.TRY_LATER, "x", wait=retry_after), now=NOW, dice=dice).due
    assert retry_after <= (again - NOW).total_seconds() <= 1.1 * retry_after + 1.01


def test_backoff_has_full_jitter() -> None:
    dice = random.Random(7)
    waits = [backoff(4, None, timedelta(days=1), dice) for _ in range(500)]
    assert min(waits) < 8
    assert max(waits) > 72
    assert 35 < sum(waits) / 500 < 45
