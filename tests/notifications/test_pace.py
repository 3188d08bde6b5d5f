from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from notifications.pump.pace import Pace

pauses = st.lists(st.floats(0, 100), min_size=2, max_size=50)


@given(pauses=pauses, rate=st.floats(0.1, 10_000))
def test_turns_never_come_faster_than_the_rate(pauses: list[float], rate: float) -> None:
    pace = Pace(rate)
    starts = [now + pace.wait(now) for now in itertools.accumulate(pauses)]
    for earlier, later in itertools.pairwise(starts):
        assert later - earlier >= 1 / rate - 1e-6


def test_a_pause_saves_nothing_up() -> None:
    pace = Pace(10)
    assert pace.wait(0) == 0
    waits = [round(pace.wait(1000), 6) for _ in range(4)]
    assert waits == [0, 0.1, 0.2, 0.3]
