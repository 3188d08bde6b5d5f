"""Pictures of every state of the console, light and dark, on a phone's width and at a desk, and a
sheet of them: a part of `make shots`, or alone by `python -m tools.webapp.console_shots`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tools.local import data_directory
from tools.webapp import chromium
from tools.webapp.console import Console, running
from tools.webapp.console_pages import STATES, State
from tools.webapp.sheets import sheet_row, write_page

FOLDER = data_directory.HOME / "shots"
SCHEMES = ("light", "dark")
WIDTHS = (360, 1280)
LOOKS = [(scheme, width) for scheme in SCHEMES for width in WIDTHS]


def main() -> None:
    shutil.rmtree(FOLDER / "console", ignore_errors=True)
    print(*take(FOLDER, os.environ.get("ONLY", "")) or ["No state's name begins so."])


def take(folder: Path, only: str = "") -> list[str]:
    """Take the states whose names begin so. The names of the sheets in `folder`."""
    states = [state for state in STATES if state.name.startswith(only)]
    if not states:
        return []
    with running() as console, sync_playwright() as playwright:
        browser = chromium.launched(playwright)
        for scheme, width in LOOKS:
            for state in states:
                _picture(browser, console, state, scheme, width, folder)
            print(f"console {width} {scheme}", flush=True)
        browser.close()
    rows = (
        sheet_row(state.name, {f"{look[0]} {look[1]}": _file(state, *look) for look in LOOKS})
        for state in states
    )
    write_page(folder / "console.html", "".join(rows))
    return ["console.html"]


def _picture(
    browser: Browser, console: Console, state: State, scheme: str, width: int, folder: Path
) -> None:
    size = {"width": width, "height": 800}
    options = {"viewport": size, "color_scheme": scheme, "locale": "en-US"}
    with console.opened(browser, state.who, **options) as context:
        page = context.new_page()
        show(page, console, state)
        page.screenshot(path=folder / _file(state, scheme, width), full_page=True)


def _file(state: State, scheme: str, width: int) -> str:
    return f"console/{state.name}.{scheme}.{width}.png"


def show(page: Page, console: Console, state: State) -> None:
    """Open the state's page, and do what it begins with."""
    page.goto(console.system.console.rstrip("/") + state.path.format(**console.ids))
    for label, text in state.typed:
        page.get_by_label(label, exact=True).fill(text)
    for name in state.presses:
        page.get_by_text(name, exact=True).first.click()
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    main()
