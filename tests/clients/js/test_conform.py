"""The TypeScript phone with real HTTP and sockets passes the stories of `make conform`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.js.conform import play
from tests.conform.conftest import control  # noqa: F401  # a fixture
from tools.conform.control import STORIES

SAMPLE = ("captive_portal", "swept", "too_large", "closes")


def test_it_passes_some_stories(library: Path, control: str) -> None:  # noqa: F811
    verdicts = play(library, control, *SAMPLE)
    assert [answer["verdict"] for answer in verdicts] == ["pass"] * len(SAMPLE), verdicts


@pytest.mark.soak
@pytest.mark.parametrize("story", STORIES)
def test_it_passes(library: Path, control: str, story: str) -> None:  # noqa: F811
    [answer] = play(library, control, story)
    assert answer["verdict"] == "pass", answer
