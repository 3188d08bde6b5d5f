"""One PostgreSQL and one Valkey for this folder's tests only."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tests.faults import report
from tests.faults.stacks import own_servers
from tools.local.stack import Stack


@pytest.fixture(scope="session")
def servers() -> Iterator[Stack]:
    """The servers of all tests that do not break them for good."""
    with own_servers() as stack:
        yield stack


@pytest.fixture
def chance() -> Random:
    return report.chance()
