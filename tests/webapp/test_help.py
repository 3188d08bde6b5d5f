"""Help is outside the lock: it opens first, without a network, and after the lease."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.clients.ana import BORN, Ana
from tests.webapp.conftest import OpenPhone
from tools.webapp.browser_phone import BrowserPhone
from tools.webapp.owner import WORDS

pytestmark = pytest.mark.soak

NUMBERS = ("tel:988", "sms:988", "tel:911", "tel:18006624357")
CHOOSE: dict[str, Callable[[BrowserPhone], None]] = {
    "my phone only": BrowserPhone.use_phone_only,
    "four words": lambda phone: phone.use_words(WORDS),
    "my finger": BrowserPhone.use_finger,
}
OPEN: dict[str, Callable[[BrowserPhone], None]] = {
    "four words": lambda phone: phone.open_with(WORDS),
    "my finger": lambda phone: phone.tap("Open with face or finger"),
}


def helps(phone: BrowserPhone) -> None:
    """Help opens from here."""
    phone.tap("Help")
    phone.title("Help")
    for number in NUMBERS:
        expect(phone.page.locator(f'a[href="{number}"]').first).to_be_visible()
    phone.tap("Someone overdosed")
    phone.says("Give naloxone")


def test_help_opens_before_i_have_a_code(open_phone: OpenPhone) -> None:
    phone = open_phone()
    phone.go()
    phone.keeps_the_app()
    phone.offline()
    phone.go()
    phone.title("Enter your code")
    helps(phone)


@pytest.mark.parametrize("lock", CHOOSE)
def test_help_opens_whatever_closes_the_app(lock: str, open_phone: OpenPhone, ana: Ana) -> None:
    phone = open_phone()
    phone.knows_my_finger()
    phone.enter(ana.code, BORN)
    CHOOSE[lock](phone)
    phone.begin()
    phone.keeps_the_app()
    phone.offline()
    phone.go()
    if lock in OPEN:
        phone.title("Closed")
    helps(phone)

    phone.page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=31))
    phone.go()
    if lock in OPEN:
        phone.title("Closed")
        helps(phone)
        phone.go()
        OPEN[lock](phone)
    phone.title("Connect once to open this")
    helps(phone)
