"""Several tabs of a browser share one phone."""

from __future__ import annotations

from pathlib import Path

from tests.clients import node


def test_tabs_share_one_phone(library: Path) -> None:
    node.run(library, "node", "--test", "--test-timeout=60000", "test/tabs.test.ts")
