"""A browser of the size of a phone, and what its owner does with it."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Playwright,
    Request,
    expect,
)

from tools.local.stack import Stack
from tools.webapp import chromium

PATIENCE = 20_000  # ms: a busy machine is not a failure
USUAL: dict[str, Any] = {
    "locale": "en-US",
    "timezone_id": "America/Los_Angeles",
    "viewport": {"width": 360, "height": 640},
    "has_touch": True,
    "is_mobile": True,
}
HERE = ("localhost", "127.0.0.1")
# The network is off: the browser says so, and it is not a mistake of ours.
OF_THE_NETWORK = ("net::ERR_", "Failed to load resource", "WebSocket connection to")
# `ready` never settles where no worker registers.
KEPT = """limit => Promise.race([
  navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller ? 'kept' :
    new Promise(done => {
      navigator.serviceWorker.addEventListener('controllerchange', () => done('kept'))
    })),
  new Promise(done => setTimeout(() => done('not kept'), limit)),
])"""


class BrowserPhone:
    def __init__(self, context: BrowserContext, stack: Stack) -> None:
        self.context, self.stack = context, stack
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []  # requests to other hosts
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        context.on("page", self._watch)
        for page in context.pages:
            self._watch(page)
        self.page = context.pages[0] if context.pages else context.new_page()

    def _watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(each in message.text for each in OF_THE_NETWORK):
            self.complaints.append(message.text)

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("blob", "data") and parts.hostname not in (
            "localhost",
            "127.0.0.1",
        ):
            self.elsewhere.append(request.url)

    # What its owner does

    def go(self, path: str = "") -> None:
        self.page.goto(self.stack.app + path.lstrip("/"))

    def says(self, text: str) -> Locator:
        """Wait until the page shows this text."""
        shown = self.page.get_by_text(text).first
        expect(shown).to_be_visible()
        return shown

    def title(self, title: str) -> None:
        """Wait until the page has this title."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title)

    def tap(self, name: str, *, exact: bool = False) -> None:
        """Tap the button or the link of this name."""
        button = self.page.get_by_role("button", name=name, exact=exact)
        link = self.page.get_by_role("link", name=name, exact=exact)
        button.or_(link).first.tap()

    def enrol(self, code: str, born: str) -> None:
        """Open the link with the code, say the date of birth, and leave the phone unlocked."""
        self.go(f"#code={code}")
        year, month, day = born.split("-")
        self.page.get_by_label("Month").fill(month)
        self.page.get_by_label("Day", exact=True).fill(day)
        self.page.get_by_label("Year").fill(year)
        self.tap("Open", exact=True)
        self.page.get_by_label("With my phone only").check(force=True)
        self.tap("Use my phone only")

    def begin(self) -> None:
        """Put away the first pages."""
        self.tap("Go to Today")
        expect(self.page.get_by_role("navigation", name="Sections")).to_be_visible()

    def offline(self, is_offline: bool = True) -> None:
        self.context.set_offline(is_offline)

    def keeps_the_app(self) -> None:
        """Wait until the app opens without a network."""
        assert self.page.evaluate(KEPT, PATIENCE) == "kept"

    def check_in(self, mood: str) -> None:
        """Answer only how I feel, and save."""
        answers = self.page.get_by_label(mood, exact=True)
        self.page.wait_for_url(re.compile("/check-in/.+/(?!start)"))
        while not (url := self.page.url).endswith("/last"):
            if answers.count():
                answers.check(force=True)
                self.tap("Next", exact=True)
            else:
                self.tap("Skip", exact=True)
            self.page.wait_for_url(lambda now, before=url: now != before)
        self.tap("Save", exact=True)
        self.page.wait_for_url("**/done")


@contextmanager
def opened(browser: Browser, stack: Stack, **options: Any) -> Iterator[BrowserPhone]:
    """A phone whose browser complains of nothing, and asks no other host."""
    context = browser.new_context(**USUAL | options)
    with _watched(BrowserPhone(context, stack)) as phone:
        yield phone


@contextmanager
def installed(playwright: Playwright, stack: Stack, folder: Path) -> Iterator[BrowserPhone]:
    """A phone whose browser keeps its files in this folder: opened again, it has them."""
    context = playwright.chromium.launch_persistent_context(folder, **chromium.options(), **USUAL)
    with _watched(BrowserPhone(context, stack)) as phone:
        yield phone


def kill(folder: Path) -> None:
    """End the browser that keeps its files in this folder, without a chance to write any."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"--user-data-dir={folder}".encode() in arguments:
            try:
                os.kill(int(process.name), signal.SIGKILL)
            except ProcessLookupError:
                continue


@contextmanager
def _watched(phone: BrowserPhone) -> Iterator[BrowserPhone]:
    try:
        yield phone
        assert phone.complaints == []
        assert phone.elsewhere == []
    except BaseException:
        _tell(phone)
        raise
    finally:
        with suppress(Error):  # It was killed.
            phone.context.close()


def _tell(phone: BrowserPhone) -> None:
    """Print what the failed test saw."""
    try:
        print(phone.page.url, phone.page.locator("body").aria_snapshot(timeout=2000), sep="\n")
    except Error as error:
        print(error)
    print(*phone.complaints, sep="\n")
