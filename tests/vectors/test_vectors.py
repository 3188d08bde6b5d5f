"""docs/vectors: what the server and the phone really do, and nothing else."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from recovery.actions import ActionInput, Call, action
from recovery.actions.registry import ACTIONS
from recovery.actions.rules import anyone_signed_in
from tests.vectors import (
    files,
    tales_live,  # noqa: F401  # each takes its tales in
    tales_pull,  # noqa: F401
    tales_push,  # noqa: F401
    tales_trouble,  # noqa: F401
)
from tests.vectors.recorder import recording
from tests.vectors.replay import Replay
from tests.vectors.tales import TALES, Tale
from tools.local import data_directory

# `make vectors` sets it: the files are written instead of compared.
WRITE = bool(os.environ.get("WRITE_VECTORS"))


@pytest.fixture(autouse=True)
def poison() -> Iterator[None]:
    """An action that always fails unexpectedly."""

    @action("testing.poison", input=ActionInput, allow=anyone_signed_in)
    def fail(call: Call) -> None:
        raise ZeroDivisionError

    yield
    del ACTIONS["testing.poison"]


@pytest.fixture
def alone() -> Iterator[None]:
    """Ids are the same in every vector and Valkey is shared: no other worker may be heard."""
    data_directory.HOME.mkdir(exist_ok=True)
    with (data_directory.HOME / "vectors.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


async def recorded(told: Tale, folder: Path) -> dict[str, Any]:
    async with recording(folder, **told.app) as recorder:
        await told.tell(recorder)
    about = {"name": told.name.replace("_", "-"), "about": told.about}
    return {**about, "given": recorder.given, "steps": recorder.steps}


@pytest.mark.parametrize("name", sorted(TALES))
async def test_the_server_and_the_phone_still_say_what_the_vector_says(
    name: str, alone: None, committed_db: None, tmp_path: Path
) -> None:
    """Every request is asked of the real server again. Stale? `make vectors`."""
    text = files.written(await recorded(TALES[name], tmp_path))
    if WRITE:
        files.path_of(name).write_text(text)
    assert files.path_of(name).read_text() == text


@pytest.mark.parametrize("name", files.names())
async def test_the_reference_phone_passes_the_vector(name: str, tmp_path: Path) -> None:
    await Replay(files.read(name), tmp_path).run()


@pytest.mark.parametrize("name", files.names())
def test_the_vector_is_as_its_schema_says(name: str) -> None:
    schema = json.loads((files.FOLDER / "schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(files.read(name))


def test_each_tale_has_its_file_and_each_file_its_tale() -> None:
    assert files.names() == sorted(TALES)
