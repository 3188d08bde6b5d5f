"""Several tabs of a browser share one phone."""

from __future__ import annotations

from pathlib import Path

from tools import npm


def test_tabs_share_one_phone(library: Path) -> None:
    npm.run("--test", "--test-timeout=60000", "test/tabs.test.ts", cwd=library)
