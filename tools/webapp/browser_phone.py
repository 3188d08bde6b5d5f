"""A browser of the size of a phone, with the phone app in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, WebError, expect

from tools.webapp.owner import Owner

PATIENCE = 20_000  # ms: a busy machine is not a failure
ZONE = "America/Los_Angeles"
USUAL: dict[str, Any] = {
    "locale": "en-US",
    "timezone_id": ZONE,
    "viewport": {"width": 360, "height": 640},
    "has_touch": True,
    "is_mobile": True,
}
HERE = ("localhost", "127.0.0.1")
# The network is off: the browser says so, and it is not a mistake of ours.
OF_THE_NETWORK = ("net::ERR_", "Failed to load resource", "WebSocket connection to")
# What only a screen reader says is not shown.
SHOWN = ":not(.unseen, .unseen *)"
# `ready` never settles where no worker registers.
KEPT = """limit => Promise.race([
  navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller ? 'kept' :
    new Promise(done => {
      navigator.serviceWorker.addEventListener('controllerchange', () => done('kept'))
    })),
  new Promise(done => setTimeout(() => done('not kept'), limit)),
])"""
SIGHT = """(state) => {
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state })
  document.dispatchEvent(new Event('visibilitychange'))
}"""
DATABASES = "indexedDB.databases().then((all) => all.map(({ name }) => name).sort())"
# A phone that knows its owner's finger, and unlocks a key with it.
FINGER = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "hasPrf": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class BrowserPhone(Owner):
    """`app`: the address of the app."""

    def __init__(self, context: BrowserContext, app: str) -> None:
        self.context, self.app = context, app
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []  # requests to other hosts
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", lambda request: self._asked(request.url))
        context.on("page", self._watch)
        for page in context.pages:
            self._watch(page)
        self.page = context.pages[0] if context.pages else context.new_page()

    def _watch(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._asked(socket.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(each in message.text for each in OF_THE_NETWORK):
            self.complaints.append(message.text)

    def _error(self, error: WebError) -> None:
        self.complaints.append(str(error.error))

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("blob", "data") and parts.hostname not in HERE:
            self.elsewhere.append(url)

    # What its owner does

    def go(self, path: str = "") -> None:
        self.page.goto(self.app + path.lstrip("/"))

    def path(self) -> str:
        return urlsplit(self.page.url).path

    def arrives(self, fits: Callable[[str], bool]) -> None:
        self.page.wait_for_url(lambda url: fits(urlsplit(url).path))

    def says(self, text: str) -> Locator:
        shown = self.page.get_by_text(text).and_(self.page.locator(SHOWN)).first
        expect(shown).to_be_visible()
        return shown

    def title(self, title: str) -> None:
        """Wait until the page has this title."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title)

    def sees(self, name: str) -> None:
        expect(self._named(name).first).to_be_visible()

    def tap(self, name: str, *, exact: bool = False) -> None:
        self._named(name, exact=exact).first.tap()

    def _named(self, name: str, *, exact: bool = False) -> Locator:
        button = self.page.get_by_role("button", name=name, exact=exact)
        return button.or_(self.page.get_by_role("link", name=name, exact=exact))

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def pick(self, label: str, *, exact: bool = False) -> None:
        # What a thumb hits is the label; the input itself is under it.
        self.page.get_by_label(label, exact=exact).check(force=True)

    def use_finger(self) -> None:
        """Choose it on the page of the lock."""
        self.pick("Face or finger")
        self.tap("Use face or finger")
        expect(self.page.get_by_role("button", name="Use face or finger")).to_have_count(0)

    # What happens to it

    def offline(self, is_offline: bool = True) -> None:
        self.context.set_offline(is_offline)

    def in_front(self, is_in_front: bool = True) -> None:
        """Its owner looks at another app, or comes back. Without a screen, a page never knows."""
        self.page.evaluate(SIGHT, "visible" if is_in_front else "hidden")

    def keeps_the_app(self) -> None:
        """Wait until the app opens without a network."""
        if self.page.evaluate(KEPT, PATIENCE) != "kept":
            raise TimeoutError("no worker keeps the app")

    def knows_my_finger(self) -> None:
        browser = self.context.new_cdp_session(self.page)
        browser.send("WebAuthn.enable")
        browser.send("WebAuthn.addVirtualAuthenticator", {"options": FINGER})

    def until(self, holds: Callable[[], object]) -> None:
        """Wait for what no page shows."""
        deadline = time.monotonic() + PATIENCE / 1000
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError("it never held")
            self.page.wait_for_timeout(50)

    def databases(self) -> list[str]:
        """The names of what the browser holds."""
        names: list[str] = self.page.evaluate(DATABASES)
        return names
