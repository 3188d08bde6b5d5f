"""The built files are those of the sources, on any machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.webapp.build import BUILT, build, built_from, sources_hash


def test_the_built_files_are_not_stale() -> None:
    assert built_from() == sources_hash(), "run make webapp"


@pytest.mark.soak
def test_two_folders_get_the_same_bytes(tmp_path: Path) -> None:
    committed = contents(BUILT)
    for name in ("one", "another"):
        build(tmp_path / name)
        assert contents(tmp_path / name) == committed


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
