"""Everything that the documents name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from recovery.actions.registry import ACTIONS

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted(ROOT.glob("docs/**/*.md"))]
FOLDERS = sorted(path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != ".")
PATH = re.compile(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*|[\w-]+\.(?:yml|toml|py|md))`")
DOMAINS = sorted({name.partition(".")[0] for name in ACTIONS})
ACTION = re.compile(rf"`((?:{'|'.join(DOMAINS)})\.[a-z]+_[a-z_]+)`")


@pytest.fixture(params=DOCUMENTS, ids=lambda path: path.name)
def text(request: pytest.FixtureRequest) -> str:
    return str(request.param.read_text(encoding="utf-8"))


def test_every_path_that_is_named_exists(text: str) -> None:
    named = set(PATH.findall(text)) | set(re.findall(r"\]\(((?!http)[^)#]+)\)", text))
    assert {path for path in named if not _exists(path)} == set()


def test_every_make_target_that_is_named_exists(text: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", text)) <= targets


def test_every_command_that_is_named_exists(text: str) -> None:
    assert set(re.findall(r"`manage\.py ([a-z_]+)", text)) <= set(get_commands())


def test_every_action_that_is_named_is_registered(text: str) -> None:
    assert set(ACTION.findall(text)) <= set(ACTIONS)


def test_every_guard_is_in_the_architecture_page() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    guards = {path.name for path in Path(__file__).parent.glob("test_*.py")}
    assert {name for name in guards if name not in page} == set()


def _exists(path: str) -> bool:
    """A path from the root or relative to docs, or a bare file name anywhere."""
    places = [ROOT / path, *(document.parent / path for document in DOCUMENTS)]
    bare = "/" not in path and any(any((ROOT / top).rglob(path)) for top in FOLDERS)
    return bare or any(place.exists() for place in places)
