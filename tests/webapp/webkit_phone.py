"""The phone app in WebKitGTK, an iPhone's next of kin. Playwright cannot drive Debian's, so this
speaks WebDriver, in a window on a screen that nobody sees."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tools.local import processes
from tools.local.data_directory import free_port
from tools.local.stack import listens
from tools.webapp.owner import Owner

DRIVER, SCREEN = Path("/usr/bin/WebKitWebDriver"), Path("/usr/bin/Xvfb")
PATIENCE = 30.0  # seconds
# The ways, fields or texts that are shown and fit, like Playwright's locators of those names.
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


class WebKitPhone(Owner):
    def __init__(self, driver: str, app: str) -> None:
        self.app = app
        self.http = httpx.Client(base_url=driver, timeout=PATIENCE)
        capabilities = {"alwaysMatch": {"webkitgtk:browserOptions": {"args": ["--automation"]}}}
        began = self._ask("POST", "/session", capabilities=capabilities)
        self.session = f"/session/{began['sessionId']}"

    def _ask(self, method: str, path: str, **body: Any) -> Any:
        answer = self.http.request(method, path, json=body if method == "POST" else None)
        assert answer.is_success, answer.text
        return answer.json()["value"]

    def _run(self, script: str, *arguments: Any) -> Any:
        path = f"{self.session}/execute/sync"
        return self._ask("POST", path, script=script, args=list(arguments))

    def _until(self, ask: Callable[[], Any], what: str) -> Any:
        deadline = time.monotonic() + PATIENCE
        while not (answer := ask()):
            assert time.monotonic() < deadline, f"{what}: not on {self._run(TEXT)}"
            time.sleep(0.05)
        return answer

    def _find(self, what: str, words: str, exact: bool = False) -> Any:
        return self._until(lambda: self._run(FOUND, what, words, exact), words)

    def go(self, path: str = "") -> None:
        self._ask("POST", f"{self.session}/url", url=self.app + path.lstrip("/"))

    def path(self) -> str:
        return urlsplit(self._ask("GET", f"{self.session}/url")).path

    def arrives(self, fits: Callable[[str], bool]) -> None:
        self._until(lambda: fits(self.path()), "another page")

    def says(self, text: str) -> None:
        self._find("text", text)

    def sees(self, name: str) -> None:
        self._find("way", name)

    def tap(self, name: str, *, exact: bool = False) -> None:
        self._run("arguments[0].click()", self._find("way", name, exact))

    def fill(self, label: str, text: str) -> None:
        (field,) = self._find("field", label, exact=True).values()
        self._ask("POST", f"{self.session}/element/{field}/value", text=text)

    def pick(self, label: str, *, exact: bool = False) -> None:
        self._run("arguments[0].click()", self._find("field", label, exact))

    def keeps_the_app(self) -> None:
        self._until(lambda: self._run(CONTROLLED), "a worker")

    def close(self) -> None:
        self._ask("DELETE", self.session)
        self.http.close()


@contextmanager
def webkit(app: str, folder: Path) -> Iterator[WebKitPhone]:
    """A phone whose browser ends with the block."""
    with _screen(folder) as display, _driver(folder, display) as driver:
        phone = WebKitPhone(driver, app)
        try:
            yield phone
        finally:
            phone.close()


@contextmanager
def _screen(folder: Path) -> Iterator[str]:
    log = folder / "screen.log"
    size = ("-screen", "0", "360x640x24")
    command = [str(SCREEN), "-displayfd", "1", "-nolisten", "tcp", *size]
    process = processes.start_process(command, log=log, cwd=folder, env=os.environ)
    try:
        processes.wait_until(lambda: log.read_text().strip().isdigit(), process, log)
        yield f":{log.read_text().strip()}"
    finally:
        processes.stop(process)


@contextmanager
def _driver(folder: Path, display: str) -> Iterator[str]:
    log, port = folder / "driver.log", free_port()
    # There is no graphics card, and no bus for assistive technology.
    environment = {
        **os.environ,
        "DISPLAY": display,
        "HOME": str(folder),
        "LANG": "en_US.UTF-8",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "NO_AT_BRIDGE": "1",
    }
    command = [str(DRIVER), f"--port={port}"]
    process = processes.start_process(command, log=log, cwd=folder, env=environment)
    try:
        processes.wait_until(lambda: listens(port), process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        processes.stop(process)
