"""Fixtures for all tests: the database (tests/databases.py), the processes (tests/processes.py), a
browser (tests/browsers.py) and the cast (tests/cast/fixtures.py)."""

from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from hypothesis import settings

from tests.servers import empty_valkey

pytest_plugins = ["tests.databases", "tests.processes", "tests.browsers", "tests.cast.fixtures"]
# A busy machine is not a failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def no_limit_is_used_up() -> None:
    """Every test starts with empty counters in Valkey."""
    empty_valkey()


@pytest.fixture(autouse=True)
def the_suite_is_watched(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every statement names its scope, every action publishes what it saves, and no log line and
    no URL has anything of a person: see tests/architecture/statements.py, published.py and
    canaries.py."""
    from tests.architecture import canaries

    planted = request.node.get_closest_marker("without_canaries")
    with nullcontext() if planted else canaries.watch():
        yield from statements_are_watched(request)


def statements_are_watched(request: pytest.FixtureRequest) -> Iterator[None]:
    uses_database = request.node.get_closest_marker("django_db") or (
        {"db", "committed_db"} & set(request.fixturenames)
    )
    if not uses_database:
        yield
        return
    from tests.architecture import published, statements

    unfiltered = request.node.get_closest_marker("without_the_filter")
    with nullcontext() if unfiltered else statements.watch(), published.watch():
        yield
