"""One PostgreSQL and one Valkey for all tests of this folder, which no other test uses."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tests.faults import report
from tools.local import data_directory, stack
from tools.local.stack import Stack


@pytest.fixture(scope="session")
def ground() -> Iterator[Stack]:
    """Servers that keep what they acknowledge, a database that is up to date, and no process of
    ours but the simulator of FCM."""
    with data_directory.temporary() as held:
        with stack.running(held, environ={}, names=("fcm",), data=False) as house:
            yield house


@pytest.fixture
def chance() -> Random:
    return report.chance()
