"""A phone whose browser is driven by WebDriver."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.webapp.drivers import PATIENCE, Driver
from tools.webapp.owner import Owner

# The first way, field or text that is shown and fits, like Playwright's locators of those names.
FOUND = """
const [what, words, exact] = arguments
const plain = (text) => text.replace(/\\s+/g, ' ').trim()
const fits = (text) => exact
  ? plain(text) === words : plain(text).toLowerCase().includes(words.toLowerCase())
const all = (selector) => [...document.querySelectorAll(selector)]
const shown = (element) => element.getClientRects().length > 0 && !element.closest('.unseen')
const found = {
  way: () => all('a[href], button').filter((way) => shown(way) && fits(way.textContent)),
  field: () => all('label').filter((label) => fits(label.textContent))
    .map(({ control }) => control),
  text: () => all('#app *').filter((element) => shown(element) && fits(element.textContent)),
}
return found[what]()[0] ?? null
"""
TEXT = "return `${location.pathname}: ${document.body.innerText}`"
CONTROLLED = "return navigator.serviceWorker.controller !== null"
CLICK = "arguments[0].click()"


class DrivenPhone(Owner):
    def __init__(self, driver: Driver, app: str) -> None:
        self.driver, self.app = driver, app

    def _until(self, ask: Callable[[], Any], what: str) -> Any:
        deadline = time.monotonic() + PATIENCE
        while not (answer := ask()):
            assert time.monotonic() < deadline, f"{what}: not on {self.driver.run(TEXT)}"
            time.sleep(0.05)
        return answer

    def _find(self, what: str, words: str, exact: bool = False) -> Any:
        return self._until(lambda: self.driver.run(FOUND, what, words, exact), words)

    def go(self, path: str = "") -> None:
        self.driver.go(self.app + path.lstrip("/"))

    def path(self) -> str:
        return urlsplit(self.driver.address()).path

    def arrives(self, fits: Callable[[str], bool]) -> None:
        self._until(lambda: fits(self.path()), "another page")

    def says(self, text: str) -> None:
        self._find("text", text)

    def sees(self, name: str) -> None:
        self._find("way", name)

    def tap(self, name: str, *, exact: bool = False) -> None:
        self.driver.run(CLICK, self._find("way", name, exact))

    def fill(self, label: str, text: str) -> None:
        self.driver.type(self._find("field", label, exact=True), text)

    def pick(self, label: str, *, exact: bool = False) -> None:
        self.driver.run(CLICK, self._find("field", label, exact))

    def keeps_the_app(self) -> None:
        self._until(lambda: self.driver.run(CONTROLLED), "a worker")
