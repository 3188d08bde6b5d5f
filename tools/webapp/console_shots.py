"""Pictures of every state of the console below `.local/shots/console`, light and dark, on a phone's
width and at a desk. `ONLY=roster` takes the states whose names begin so."""

from __future__ import annotations

import os
import shutil

from playwright.sync_api import Page, sync_playwright

from tools.local import data_directory
from tools.webapp import chromium
from tools.webapp.console import Console, running
from tools.webapp.console_pages import STATES, State

FOLDER = data_directory.HOME / "shots" / "console"
SCHEMES = ("light", "dark")
WIDTHS = (360, 1280)


def main() -> None:
    only = os.environ.get("ONLY", "")
    states = [state for state in STATES if state.name.startswith(only)]
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with running() as console, sync_playwright() as playwright:
        browser = chromium.launched(playwright)
        for scheme in SCHEMES:
            for width in WIDTHS:
                for state in states:
                    size = {"width": width, "height": 800}
                    options = {"viewport": size, "color_scheme": scheme, "locale": "en-US"}
                    with console.opened(browser, state.who, **options) as context:
                        page = context.new_page()
                        show(page, console, state)
                        name = f"{state.name}.{scheme}.{width}.png"
                        page.screenshot(path=FOLDER / name, full_page=True)
        browser.close()
    print(f"{len(states)} states: {FOLDER}")


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
