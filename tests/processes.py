"""The real processes, for tests that need more than one of them."""

import os
from collections.abc import Iterator

import pytest

from tools.local import data_directory
from tools.local.stack import Stack, procfile, running

SHARED = ("web", "live")


@pytest.fixture
def stack(committed_db: None) -> Iterator[Stack]:
    """Every process of the Procfile on free ports, on this worker's own database.

    The test and the processes see each other's commits. Stop, kill and start a process by
    name (`stack.kill("pump")`).
    """
    with data_directory.temporary() as directory:
        with running(directory, environ=os.environ, migrate=False, data=False) as stack:
            yield stack
            check_output_of(stack)


@pytest.fixture(scope="session")
def web_and_live(django_db_setup: set[str]) -> Iterator[Stack]:
    with data_directory.temporary() as directory:
        with running(
            directory, environ=os.environ, names=SHARED, migrate=False, data=False
        ) as stack:
            yield stack


@pytest.fixture
def served(committed_db: None, web_and_live: Stack) -> Iterator[Stack]:
    """What a phone speaks to: the processes web and live, which start once for many tests. A test
    may stop them, and they are started again; their environment stays."""
    for name in SHARED:
        if name not in web_and_live.running:
            web_and_live.start(name)
    web_and_live.wait_until_ready()
    written = {name: web_and_live.log(name).stat().st_size for name in SHARED}
    yield web_and_live
    check_output_of(web_and_live, written)


def check_output_of(stack: Stack, written: dict[str, int] | None = None) -> None:
    """What our own processes have written has nothing of a person. `written`: the bytes of each log
    that were there before."""
    from tests.architecture.canaries import check_output

    for name in procfile():
        if stack.log(name).exists():
            check_output(stack.log(name), (written or {}).get(name, 0))
