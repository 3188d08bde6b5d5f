"""Tests the tests: a TypeScript phone without any one of its rules fails."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.clients.js.conform import play as play_stories
from tests.clients.js.device import LONGEST_CHANCE, NodeDevice
from tests.clients.js.drive import Drive
from tests.clients.js.handset import mixed
from tests.clients.js.hard_moments import MOMENTS, Phone
from tests.clients.js.wrong_client import Wrong
from tests.clients.js.wrong_exchanges import WRONG_EXCHANGES
from tests.clients.js.wrong_keeping import STORIES, WRONG_KEEPING
from tests.conform.conftest import control  # noqa: F401  # a fixture
from tests.sync.conftest import stage  # noqa: F401  # a fixture
from tests.sync.plays import WRITTEN
from tests.vectors import files
from tests.vectors.loose import LoosePlay
from tools import npm

HARMLESS = "closes"  # breaks none of the rules, so even a wrong client passes it
WRONG = WRONG_EXCHANGES | WRONG_KEEPING
SAMPLE = ("late pages applied", "gaps in frames ignored", "built on what was lost")


def altered(wrong: Wrong, library: Path, folder: Path) -> Path:
    """A copy of the library with one rule altered."""
    copy = npm.copy(library, folder / "library", library / "node_modules")
    for path, text in wrong.altered(copy).items():
        path.write_text(text)
    return copy


def play(wrong: Wrong, drive: Drive, folder: Path, request: pytest.FixtureRequest) -> None:
    if wrong.judge == "vector":
        play_vector(wrong.name, drive, folder)
    elif wrong.judge == "moment":
        MOMENTS[wrong.name](Phone(drive, folder))
    else:
        mixed(request.getfixturevalue("stage"), drive).play(WRITTEN[wrong.name])


def play_vector(name: str, drive: Drive, folder: Path) -> None:
    device = partial(NodeDevice, drive, chance=LONGEST_CHANCE)
    asyncio.run(LoosePlay(files.read(name), folder, device=device).run())


def fails(name: str, library: Path, folder: Path, request: pytest.FixtureRequest) -> None:
    with Drive(altered(WRONG[name], library, folder)) as drive:
        play_vector(HARMLESS, drive, folder)
        with pytest.raises(Exception) as failure:  # noqa: PT011  # some assert, some fail themselves
            play(WRONG[name], drive, folder, request)
    assert not isinstance(failure.value, NameError)


@pytest.mark.parametrize("name", SAMPLE)
def test_some_wrong_clients_fail(
    name: str, library: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    fails(name, library, tmp_path, request)


@pytest.mark.soak
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_client_fails(
    name: str, library: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    fails(name, library, tmp_path, request)


@pytest.mark.soak
@pytest.mark.parametrize("name", STORIES)
def test_a_wrong_client_fails_its_story(
    name: str,
    library: Path,
    tmp_path: Path,
    control: str,  # noqa: F811
) -> None:
    """With a verdict, or without one because it has crashed."""
    copy = altered(STORIES[name], library, tmp_path)
    npm.run("--eval", "import('./src/index.ts')", cwd=copy)  # it begins
    with suppress(AssertionError):
        [answer] = play_stories(copy, control, STORIES[name].name)
        assert answer["verdict"] == "pass", answer
        pytest.fail("it passes")


@pytest.mark.parametrize("name", WRONG | STORIES)
def test_what_a_wrong_client_alters_is_there(name: str, library: Path) -> None:
    assert (WRONG | STORIES)[name].altered(library)
