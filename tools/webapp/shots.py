"""`make shots`: a picture of every state of the phone app and of the console, and contact sheets.

They are below `.local/shots`, where `index.html` leads to the sheets. `ONLY=today` takes the states
whose names begin so. Of the phone app, which has them in clients/web/shots: English and Spanish,
light and dark, in three widths; of the console: console_shots.py.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tools.local import data_directory
from tools.local.errors import CannotStart
from tools.webapp import chromium, console_shots
from tools.webapp.gallery import gallery, show
from tools.webapp.sheets import sheet_row, write_page

FOLDER = data_directory.HOME / "shots"
LANGUAGES = ("en", "es")
SCHEMES = ("light", "dark")
WIDTHS = (320, 360, 768)
HEIGHT = 640
# The day that the sample data is about.
NOW = "2026-11-19T13:10:00Z"
SHEET = 6  # states


def main() -> int:
    only = os.environ.get("ONLY", "")
    shutil.rmtree(FOLDER, ignore_errors=True)
    try:
        sheets = [*_of_the_app(only), *console_shots.take(FOLDER, only)]
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1
    if not sheets:
        print(f"No state's name begins with {only}.", file=sys.stderr)
        return 1
    links = "".join(f'<li><a href="{quote(name)}">{escape(name)}</a></li>' for name in sheets)
    write_page(FOLDER / "index.html", f"<ul>{links}</ul>")
    print(f"{len(sheets)} sheets: {FOLDER / 'index.html'}")
    return 0


def _of_the_app(only: str) -> list[str]:
    """Take its pictures. The names of its sheets."""
    with gallery() as home, sync_playwright() as playwright:
        browser = chromium.launched(playwright)
        states = _states(browser, home, only)
        for width in WIDTHS if states else ():
            for language in LANGUAGES:
                for scheme in SCHEMES:
                    _take(browser, home, states, language, scheme, width)
        sheets = list(_sheets(browser, states))
        browser.close()
    return sheets


def _states(browser: Browser, home: str, only: str) -> list[str]:
    page = browser.new_page(base_url=home)
    page.goto("/")
    page.wait_for_selector("body[data-states]")
    names: list[str] = json.loads(page.evaluate("document.body.dataset.states"))
    page.close()
    return [name for name in names if name.startswith(only)]


def _take(
    browser: Browser, home: str, states: list[str], language: str, scheme: str, width: int
) -> None:
    size = ViewportSize(width=width, height=HEIGHT)
    context = browser.new_context(
        base_url=home,
        viewport=size,
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        timezone_id="America/New_York",
    )
    page = context.new_page()
    page.clock.set_fixed_time(NOW)
    page.goto("/?es" if language == "es" else "/")
    page.wait_for_selector("body[data-states]")
    for state in states:
        show(page, state)
        # The bar stays at the foot of a page that is seen as a whole.
        whole = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": whole})
        _picture(page, FOLDER / _file(state, language, scheme, width))
        page.set_viewport_size(size)
    context.close()
    print(f"{width} {language} {scheme}", flush=True)


def _picture(page: Page, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=True, animations="disabled")


def _file(state: str, language: str, scheme: str, width: int) -> str:
    name = state.replace("/", "--").replace(", ", "-").replace(" ", "_")
    return f"{width}/{name}.{language}-{scheme}.png"


def _sheets(browser: Browser, states: list[str]) -> Iterator[str]:
    """Write each contact sheet as a page and as a picture. Yields the pages' names."""
    page = browser.new_page(viewport=ViewportSize(width=1400, height=HEIGHT))
    areas = dict.fromkeys(state.partition("/")[0] for state in states)
    for area in areas:
        members = [state for state in states if state.startswith(f"{area}/")]
        for width in WIDTHS:
            for first in range(0, len(members), SHEET):
                path = FOLDER / f"{area}-{width}-{first // SHEET + 1}.html"
                some = members[first : first + SHEET]
                write_page(path, "".join(_row(state, width) for state in some))
                page.goto(path.as_uri())
                _picture(page, path.with_suffix(".png"))
                yield path.name
    page.close()


def _row(state: str, width: int) -> str:
    pictures = {
        f"{language} {scheme}": _file(state, language, scheme, width)
        for language in LANGUAGES
        for scheme in SCHEMES
    }
    return sheet_row(state, pictures)


if __name__ == "__main__":
    sys.exit(main())
