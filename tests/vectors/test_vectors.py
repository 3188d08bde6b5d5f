"""docs/vectors is what the server and the phone really send."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from clients.phone.clock import parse_time
from recovery.actions import ActionInput, Call, action
from recovery.actions.registry import ACTIONS
from recovery.actions.rules import anyone_signed_in
from tests.vectors import (
    files,
    stories_files,  # noqa: F401
    stories_live,  # noqa: F401  # each registers its stories
    stories_pull,  # noqa: F401
    stories_push,  # noqa: F401
    stories_trouble,  # noqa: F401
)
from tests.vectors.exchanges import named_in
from tests.vectors.loose import LoosePlay
from tests.vectors.other_client import OtherDevice
from tests.vectors.recorder import recording
from tests.vectors.replay import Replay
from tests.vectors.stand_in import StandIn
from tests.vectors.stories import STORIES, Story
from tools.local import data_directory

# Set by `make vectors`, to write the files instead of comparing them.
WRITE = bool(os.environ.get("WRITE_VECTORS"))


@pytest.fixture(autouse=True)
def poison_action() -> Iterator[None]:
    """An action that always fails unexpectedly."""

    @action("testing.poison", input=ActionInput, allow=anyone_signed_in)
    def fail(call: Call) -> None:
        raise ZeroDivisionError

    yield
    del ACTIONS["testing.poison"]


@pytest.fixture
def vectors_lock() -> Iterator[None]:
    """Keep other workers out: ids are the same in every vector, and Valkey is shared."""
    data_directory.HOME.mkdir(exist_ok=True)
    with (data_directory.HOME / "vectors.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


async def record(story: Story, folder: Path) -> dict[str, Any]:
    async with recording(folder, **story.app) as recorder:
        await story.play(recorder)
    about = {"name": story.name.replace("_", "-"), "about": story.about}
    return {**about, "given": recorder.setup, "steps": recorder.steps}


@pytest.mark.parametrize("name", sorted(STORIES))
async def test_recording_again_gives_the_same_vector(
    name: str, vectors_lock: None, committed_db: None, tmp_path: Path
) -> None:
    """Sends every request to the real server again. If a file is stale, run `make vectors`."""
    text = files.written(await record(STORIES[name], tmp_path))
    if WRITE:
        files.path_of(name).write_text(text)
    assert files.path_of(name).read_text() == text


@pytest.mark.parametrize("name", files.names())
async def test_the_reference_phone_passes_the_vector(name: str, tmp_path: Path) -> None:
    await Replay(files.read(name), tmp_path).run()


@pytest.mark.parametrize("name", files.names())
def test_the_stand_in_answers_as_the_server_did(name: str) -> None:
    vector = files.read(name)
    server = StandIn(vector, parse_time(vector["given"]["clock"]))
    for step in vector["steps"]:
        retell(server, [step])
        if "exchanges" in step and step["ends"] != "crash":
            server.settle()


def retell(server: StandIn, steps: list[dict[str, Any]]) -> None:
    """Ask a stand-in everything that the reference phone asked the server."""
    for step in steps:
        if "do" in step:
            server.queue(step["do"])
        server.begin(step.get("exchanges", []))
        for exchange in step.get("exchanges", []):
            sent = exchange["reference"]
            again = server.play(named_in(exchange)["path"], sent["body"], sent["token"])
            assert without_times(again.get("answer")) == without_times(exchange.get("answer"))
            retell(server, exchange.get("meanwhile", []))
        if "exchanges" not in step:
            server.learn(step.get("server", {}))


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        times = ("server_time", "lease_expires_at")
        return {name: without_times(v) for name, v in value.items() if name not in times}
    return [without_times(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", files.names())
async def test_the_reference_phone_settles_as_the_vector_says(name: str, tmp_path: Path) -> None:
    await LoosePlay(files.read(name), tmp_path).run()


@pytest.mark.parametrize("name", files.names())
async def test_a_client_on_another_schedule_passes_the_vector(name: str, tmp_path: Path) -> None:
    vector = files.read(name)
    await LoosePlay(vector, tmp_path, device=OtherDevice, overlaps=False, hasty=True).run()


@pytest.mark.parametrize("name", files.names())
def test_the_vector_is_valid_under_its_schema(name: str) -> None:
    schema = json.loads((files.FOLDER / "schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(files.read(name))


def test_each_story_has_its_file_and_each_file_its_story() -> None:
    assert files.names() == sorted(STORIES)
