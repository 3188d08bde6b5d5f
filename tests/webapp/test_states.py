"""Every screen in every state: what axe finds, and what it does not see."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.screens import AXE, EDGES, HELP, LANGUAGE, LAYOUT, PRESS, REACH, SIGHT
from tools.webapp import chromium
from tools.webapp.gallery import gallery, show

HERE = Path(__file__).parent
# The page under a sheet has the title.
EXPECTED = [("shell/sheet", "has not one title")]
# Parts whose words only stand for what screens put there.
ONLY_ENGLISH = ("shell/parts", "shell/player", "shell/sheet")
# Each path of the app with the title that is shown for it.
TITLES = """async () => {
  const titles = {}
  for (const path of JSON.parse(document.body.dataset.paths)) {
    history.pushState({}, '', path)
    dispatchEvent(new PopStateEvent('popstate', { state: {} }))
    await new Promise(requestAnimationFrame)
    titles[path] = document.title
  }
  return titles
}"""
TEXTS = HERE.parents[1] / "clients" / "web" / "src" / "text"
# What people who look over a shoulder, or into a history, must not read.
TELLING = re.compile(
    r"addict|adicc|alcohol|cl[ií]nic|consej|consum|counsel|crav|crisis|detox|drog|drug|ganas|health"
    r"|overdose|pacient|patient|program|reca[ií]|recover|recup|rehab|relaps|salud|sobred|sobri|sober|terap"
    r"|therap|tratam|treat|urge",
    re.IGNORECASE,
)


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
    states = _states(page, language)
    page.evaluate(chromium.axe())
    faults = [(state, fault) for state in states for fault in _faults(page, state)]
    browser.close()
    assert faults == EXPECTED


@pytest.mark.parametrize(
    ("language", "width", "font"),
    [("es", 320, 16), pytest.param("en", 360, 32, marks=pytest.mark.soak)],
)
def test_every_control_has_an_edge_in_colours_of_my_own(
    playwright: Playwright, home: str, language: str, width: int, font: int
) -> None:
    browser = chromium.launched(playwright, f"--blink-settings=defaultFontSize={font}")
    page = browser.new_page(
        base_url=home, viewport={"width": width, "height": 640}, forced_colors="active"
    )
    faults = []
    for state in _states(page, language):
        show(page, state)
        faults += [(state, fault) for fault in page.evaluate(EDGES)]
        if state not in ONLY_ENGLISH:
            faults += [(state, fault) for fault in page.evaluate(LANGUAGE)]
    browser.close()
    assert faults == []


@pytest.mark.soak
def test_nothing_that_is_pressed_takes_the_focus_away(browser: Browser, home: str) -> None:
    page = browser.new_page(
        base_url=home, viewport={"width": 360, "height": 640}, reduced_motion="reduce"
    )
    faults = [
        (state, fault) for state in _states(page, "en") for fault in page.evaluate(PRESS, state)
    ]
    page.close()
    assert faults == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_title_of_no_page_tells_what_this_is_for(
    browser: Browser, home: str, language: str
) -> None:
    page = browser.new_page(base_url=home)
    _states(page, language)
    assert page.evaluate("document.documentElement.lang") == language
    titles = page.evaluate(TITLES)
    page.close()
    known = json.loads((TEXTS / f"titles.{language}.json").read_text(encoding="utf-8"))
    assert len(titles) == len(known)
    assert set(titles.values()) == set(known.values())
    names = [
        name[language] for name in json.loads((TEXTS.parent / "names.json").read_text()).values()
    ]
    assert [words for words in (*titles.values(), *names) if TELLING.search(words)] == []


def _states(page: Page, language: str) -> list[str]:
    page.goto("/?es" if language == "es" else "/")
    page.wait_for_selector("body[data-states]")
    page.evaluate(SIGHT)
    states: list[str] = json.loads(page.evaluate("document.body.dataset.states"))
    assert states
    return states


def _faults(page: Page, state: str) -> list[str]:
    show(page, state)
    return [fault for script in (AXE, LAYOUT, REACH, HELP) for fault in page.evaluate(script)]
