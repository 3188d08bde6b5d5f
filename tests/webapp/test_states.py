"""Every screen in every state: what axe finds, and what it does not see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright

from tools.webapp import chromium
from tools.webapp.gallery import gallery, show

LAYOUT = Path(__file__).with_name("layout.js").read_text(encoding="utf-8")
AXE = """async () => (await axe.run()).violations.flatMap(({ id, nodes }) =>
  nodes.map(({ html }) => `${id}: ${html.slice(0, 90)}`))"""
# The page under a sheet has the title.
EXPECTED = [("shell/sheet", "has not one title")]


@pytest.fixture(scope="module")
def home() -> Iterator[str]:
    with gallery() as url:
        yield url


@pytest.mark.parametrize(
    ("language", "scheme", "width", "font"),
    [
        ("en", "light", 320, 16),
        pytest.param("es", "dark", 360, 32, marks=pytest.mark.soak),
        pytest.param("es", "light", 320, 16, marks=pytest.mark.soak),
        pytest.param("en", "dark", 360, 32, marks=pytest.mark.soak),
        pytest.param("es", "dark", 768, 16, marks=pytest.mark.soak),
    ],
)
def test_every_state_can_be_used(
    playwright: Playwright, home: str, language: str, scheme: str, width: int, font: int
) -> None:
    browser = chromium.launched(playwright, f"--blink-settings=defaultFontSize={font}")
    page = browser.new_page(
        base_url=home,
        viewport={"width": width, "height": 640},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    faults = [(state, fault) for state in _states(page, language) for fault in _faults(page, state)]
    browser.close()
    assert faults == EXPECTED


def _states(page: Page, language: str) -> list[str]:
    page.goto("/?es" if language == "es" else "/")
    page.wait_for_selector("body[data-states]")
    page.evaluate(chromium.axe())
    states: list[str] = json.loads(page.evaluate("document.body.dataset.states"))
    assert states
    return states


def _faults(page: Page, state: str) -> list[str]:
    show(page, state)
    return [*page.evaluate(AXE), *page.evaluate(LAYOUT)]
