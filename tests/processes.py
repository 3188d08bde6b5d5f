"""The real processes, for tests that need more than one of them."""

import os
from collections.abc import Iterator

import pytest

from tools.local import data_directory, stack


@pytest.fixture
def house(committed_db: None) -> Iterator[stack.Stack]:
    """Every process of the Procfile on free ports, on this worker's own database.

    The test and the processes see each other's commits. Stop, kill and start a process by
    name (`house.kill("pump")`).
    """
    with data_directory.temporary() as held:
        with stack.running(held, environ=os.environ, migrate=False, data=False) as running:
            yield running
