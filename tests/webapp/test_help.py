"""Help is outside the lock: it opens first, without a network, and after the lease."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from playwright.sync_api import expect

from tests.clients.ana import BORN, Ana
from tests.webapp.conftest import OpenPhone
from tools.webapp.browser_phone import BrowserPhone
from tools.webapp.owner import WORDS

pytestmark = pytest.mark.soak

NUMBERS = ("tel:988", "sms:988", "tel:911", "tel:18006624357")
OF_THE_PROGRAMME = "tel:5550140"


class Words(NamedTuple):
    door: str
    help: str
    overdose: str
    what_to_do: str


ENGLISH = Words("Enter your code", "Help", "Someone overdosed", "Give naloxone")
SPANISH = Words("Escribe tu código", "Ayuda", "Alguien tuvo una sobredosis", "Dale naloxona")
CHOOSE: dict[str, Callable[[BrowserPhone], None]] = {
    "my phone only": BrowserPhone.use_phone_only,
    "four words": lambda phone: phone.use_words(WORDS),
    "my finger": BrowserPhone.use_finger,
}
OPEN: dict[str, Callable[[BrowserPhone], None]] = {
    "four words": lambda phone: phone.open_with(WORDS),
    "my finger": lambda phone: phone.tap("Open with face or finger"),
}


def helps(phone: BrowserPhone, words: Words = ENGLISH) -> None:
    """Help opens from here."""
    phone.tap(words.help)
    phone.title(words.help)
    for number in NUMBERS:
        expect(phone.page.locator(f'a[href="{number}"]').first).to_be_visible()
    phone.tap(words.overdose)
    phone.says(words.what_to_do)


@pytest.mark.parametrize(("locale", "words"), [("en-US", ENGLISH), ("es-US", SPANISH)])
def test_help_opens_before_i_have_a_code(locale: str, words: Words, open_phone: OpenPhone) -> None:
    phone = open_phone(locale=locale)
    phone.go()
    phone.keeps_the_app()
    phone.offline()
    phone.go()
    phone.title(words.door)
    helps(phone, words)


@pytest.mark.parametrize("lock", CHOOSE)
def test_help_opens_whatever_closes_the_app(lock: str, open_phone: OpenPhone, ana: Ana) -> None:
    phone = open_phone()
    phone.knows_my_finger()
    phone.enter(ana.code, BORN)
    CHOOSE[lock](phone)
    phone.begin()
    phone.keeps_the_app()
    phone.offline()
    phone.tap("Help")
    expect(phone.page.locator(f'a[href="{OF_THE_PROGRAMME}"]')).to_be_visible()
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
