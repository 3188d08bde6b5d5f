from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.notifications.running import RunningSimulator, simulator


@pytest.fixture(scope="session")
def one_simulator() -> Iterator[RunningSimulator]:
    with simulator() as running:
        yield running


@pytest.fixture
def fcm(one_simulator: RunningSimulator) -> RunningSimulator:
    """The simulator with its memory cleared."""
    one_simulator.forget()
    return one_simulator


@pytest.fixture
def web(fcm: RunningSimulator, settings: Any) -> RunningSimulator:
    """The simulator as the push service of browsers, which the server may send to."""
    settings.FCM_ENDPOINT = fcm.endpoint
    return fcm
