"""The pages derived from the code are up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from recovery.actions.registry import ACTIONS
from tools.docs.pages import PAGES, sentence


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_derived_page_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == PAGES[path](), "run make docs"


def test_every_action_and_every_rule_describes_itself() -> None:
    silent = [a.name for a in ACTIONS.values() if not (sentence(a.run) and sentence(a.allow))]
    assert silent == []
