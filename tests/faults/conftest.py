"""One PostgreSQL and one Valkey for this folder's tests only."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tests.faults import report
from tools.local import data_directory
from tools.local.stack import Stack, running


@pytest.fixture(scope="session")
def servers() -> Iterator[Stack]:
    """Durable servers and a migrated database. The FCM simulator is our only running process."""
    with data_directory.temporary() as directory:
        with running(directory, environ={}, names=("fcm",), data=False) as stack:
            yield stack


@pytest.fixture
def chance() -> Random:
    return report.chance()
