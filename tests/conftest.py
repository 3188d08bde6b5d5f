"""Fixtures for everybody: the database (tests/databases.py) and the processes
(tests/processes.py)."""

from collections.abc import Iterator

import pytest

pytest_plugins = ["tests.databases", "tests.processes"]


@pytest.fixture(autouse=True)
def every_statement_names_its_scope(request: pytest.FixtureRequest) -> Iterator[None]:
    """The whole suite is watched: see tests/architecture/statements.py."""
    uses_database = request.node.get_closest_marker("django_db") or (
        {"db", "committed_db"} & set(request.fixturenames)
    )
    if not uses_database:
        yield
        return
    from tests.architecture.statements import watch

    with watch():
        yield
