"""A short day in the browsers that Debian ships: Chromium, Firefox and WebKitGTK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from tests.clients.ana import BORN, Ana, moods_sent
from tests.webapp.phones import watched
from tests.webapp.webkit_phone import DRIVER, SCREEN, WebKitPhone, webkit
from tools.local.stack import Stack
from tools.webapp import chromium
from tools.webapp.browser_phone import USUAL, BrowserPhone

pytestmark = pytest.mark.soak

CHROMIUM, FIREFOX = Path("/usr/bin/chromium"), Path("/usr/bin/firefox-esr")
NEEDS = {
    "chromium": [CHROMIUM],
    "firefox-esr": [FIREFOX],
    "webkit2gtk-driver xvfb": [DRIVER, SCREEN],
}
# Firefox is no phone.
AT_A_DESK = {name: value for name, value in USUAL.items() if name not in ("has_touch", "is_mobile")}


@pytest.fixture(params=NEEDS)
def phone(
    request: pytest.FixtureRequest, playwright: Playwright, stack: Stack, tmp_path: Path
) -> Iterator[BrowserPhone | WebKitPhone]:
    if not all(path.exists() for path in NEEDS[request.param]):
        pytest.skip(f"needs Debian's browser: apt-get install {request.param}")
    if request.param.startswith("webkit"):
        with webkit(stack.app, tmp_path) as phone:
            yield phone
    else:
        browser = launched(request.param, playwright)
        with watched(
            BrowserPhone(browser.new_context(**AT_A_DESK), stack.app, touch=False)
        ) as phone:
            yield phone
        browser.close()


def launched(name: str, playwright: Playwright) -> Browser:
    if name == "chromium":
        return playwright.chromium.launch(executable_path=CHROMIUM, args=chromium.ARGUMENTS)
    # Debian's own Firefox, by WebDriver BiDi.
    return playwright.firefox.launch(executable_path=FIREFOX, channel="moz-firefox")


@contextmanager
def away(stack: Stack) -> Iterator[None]:
    """The server cannot be reached. Browsers have no common way to be without a network."""
    for name in ("web", "live"):
        stack.stop(name)
    yield
    for name in ("web", "live"):
        stack.start(name)
    stack.wait_until_ready()


def test_a_short_day(phone: Any, ana: Ana, stack: Stack) -> None:
    phone.enrol(ana.code, BORN)
    phone.begin()
    phone.keeps_the_app()
    with away(stack):
        phone.tap("Start")
        phone.check_in("Low")
        phone.says("Saved on this phone.")
        phone.go()
        phone.says("1 thing saved here.")
        phone.go("me/waiting")
        phone.says("Check-in for ")
        assert moods_sent(ana) == []
    phone.go("me/waiting")
    phone.says("Sent, ")
    assert moods_sent(ana) == [2]
