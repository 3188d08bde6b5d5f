"""The real processes, for tests that need more than one of them."""

import os
from collections.abc import Iterator

import pytest

from tools.local import data_directory
from tools.local.stack import Stack, procfile, running


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


@pytest.fixture
def web_alone(committed_db: None) -> Iterator[Stack]:
    """Only the web process."""
    with data_directory.temporary() as directory:
        with running(directory, environ=os.environ, names=("web",), data=False) as stack:
            yield stack
            check_output_of(stack)


def check_output_of(stack: Stack) -> None:
    """What our own processes have written has nothing of a person."""
    from tests.architecture.canaries import check_output

    for name in procfile():
        if stack.log(name).exists():
            check_output(stack.log(name))
