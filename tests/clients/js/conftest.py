"""The process with the TypeScript phones: one for each worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import node
from tests.clients.js.drive import Drive


@pytest.fixture(scope="session")
def library() -> Path:
    """The folder of the library, with its packages."""
    return node.installed("handrail-js")


@pytest.fixture(scope="session")
def drive(library: Path) -> Iterator[Drive]:
    with Drive(library) as drive:
        yield drive
