"""One live process for all tests of this folder. Its only state is its open sockets."""

import time
from collections.abc import Iterator

import pytest

from tests import databases
from tests.live.phones import LivePhone
from tests.live.server import SHORT_TIMES, LiveServer, serving

BEATS = 10


@pytest.fixture(scope="session")
def live_process(
    django_db_setup: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    with serving(tmp_path_factory.mktemp("live") / "live.log") as server:
        yield server


@pytest.fixture
def live(live_process: LiveServer, committed_db: None) -> LiveServer:
    """The process has noticed by now which epoch it is."""
    noticed_at = databases.epoch_changed_at + BEATS * float(SHORT_TIMES["LIVE_HEARTBEAT"])
    time.sleep(max(0, noticed_at - time.monotonic()))
    return live_process


@pytest.fixture
def phone(live: LiveServer) -> LivePhone:
    return LivePhone()
