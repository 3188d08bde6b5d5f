"""Ana, Ben and Dana are in a group; Cleo is not. See tests/cast."""

from pathlib import Path
from typing import Any

import pytest

from tests.blobs.people import Sender
from tests.cast import Circle, make_circle


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """The folder for this test's files."""
    options = {"OPTIONS": {"location": str(tmp_path / "blobs")}}
    settings.STORAGES = settings.STORAGES | {"blobs": settings.STORAGES["blobs"] | options}
    return tmp_path / "blobs"


@pytest.fixture
def circle(db: None, folder: Path) -> Circle:
    return make_circle()


@pytest.fixture
def ana(circle: Circle) -> Sender:
    return Sender(circle.ana, f"group:{circle.group}")


@pytest.fixture
def ben(circle: Circle) -> Sender:
    return Sender(circle.ben, f"group:{circle.group}")


@pytest.fixture
def cleo(circle: Circle) -> Sender:
    return Sender(circle.cleo, f"group:{circle.group}")
