"""The process with the TypeScript phones: one for each worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.js.drive import Drive
from tools import npm


@pytest.fixture(scope="session")
def library() -> Iterator[Path]:
    """The folder of the library, with its packages."""
    with npm.copied("handrail-js") as library:
        yield library


@pytest.fixture(scope="session")
def drive(library: Path) -> Iterator[Drive]:
    with Drive(library) as drive:
        yield drive
