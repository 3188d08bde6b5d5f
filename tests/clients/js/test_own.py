"""The library's own tests: what is kept in which row, and several tabs that share one phone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import npm


@pytest.mark.parametrize("name", ["packs", "tabs"])
def test_the_library_passes_its_own(name: str, library: Path) -> None:
    npm.run("--test", "--test-timeout=60000", f"test/{name}.test.ts", cwd=library)
