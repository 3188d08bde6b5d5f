"""Ash, Birch and Dana are in a group; Cedar is not. See tests/factories/peers.py."""

from pathlib import Path
from typing import Any

import pytest

from tests.blobs.people import Sender
from tests.factories.peers import Circle, make_circle


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """Where this test's files lie."""
    options = {"OPTIONS": {"location": str(tmp_path / "blobs")}}
    settings.STORAGES = settings.STORAGES | {"blobs": settings.STORAGES["blobs"] | options}
    return tmp_path / "blobs"


@pytest.fixture
def circle(db: None, folder: Path) -> Circle:
    return make_circle()


@pytest.fixture
def ash(circle: Circle) -> Sender:
    return Sender(circle.ash, f"group:{circle.group}")


@pytest.fixture
def birch(circle: Circle) -> Sender:
    return Sender(circle.birch, f"group:{circle.group}")


@pytest.fixture
def cedar(circle: Circle) -> Sender:
    return Sender(circle.cedar, f"group:{circle.group}")
