"""One live process for all tests of this folder. Its only state is its open sockets."""

from collections.abc import Iterator

import pytest

from tests.live.phones import LivePhone
from tests.live.server import LiveServer, serving


@pytest.fixture(scope="session")
def live_process(
    django_db_setup: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    with serving(tmp_path_factory.mktemp("live") / "live.log") as server:
        yield server


@pytest.fixture
def live(live_process: LiveServer, committed_db: None) -> LiveServer:
    return live_process


@pytest.fixture
def phone(live: LiveServer) -> LivePhone:
    return LivePhone()
