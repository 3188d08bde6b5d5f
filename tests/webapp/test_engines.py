"""A short day in the browsers that Debian ships: Chromium, Firefox and WebKitGTK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright

from tests.clients.ana import BORN, Ana, moods_sent
from tests.webapp.driven_phone import DrivenPhone
from tests.webapp.drivers import FIREFOX, SCREEN, WEBKIT, firefox, webkit
from tests.webapp.phones import watched
from tools.local.stack import Stack
from tools.webapp import chromium
from tools.webapp.browser_phone import USUAL, BrowserPhone

pytestmark = pytest.mark.soak

CHROMIUM = Path("/usr/bin/chromium")
NEEDS = {
    "chromium": [CHROMIUM],
    "firefox-esr": [FIREFOX],
    "webkit2gtk-driver xvfb": [WEBKIT, SCREEN],
}


@pytest.fixture(params=NEEDS)
def phone(
    request: pytest.FixtureRequest, playwright: Playwright, stack: Stack, tmp_path: Path
) -> Iterator[BrowserPhone | DrivenPhone]:
    if not all(path.exists() for path in NEEDS[request.param]):
        pytest.skip(f"needs Debian's browser: apt-get install {request.param}")
    if request.param == "chromium":
        arguments = chromium.ARGUMENTS
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        with watched(BrowserPhone(browser.new_context(**USUAL), stack.app)) as phone:
            yield phone
        browser.close()
    else:
        with (firefox if request.param == "firefox-esr" else webkit)(tmp_path) as driver:
            yield DrivenPhone(driver, stack.app)


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
