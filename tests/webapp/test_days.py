"""Days of a phone: the first one, a bad hour, and four weeks without a network."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.clients.ana import BORN, Ana
from tests.webapp.browser_phone import BrowserPhone
from tests.webapp.conftest import OpenPhone

MOST_TAPS = 25
COUNT = """addEventListener('pointerdown', () => {
  sessionStorage.taps = Number(sessionStorage.taps ?? 0) + 1
}, true)"""


@pytest.mark.soak
def test_from_my_code_to_my_first_check_in_takes_few_taps(ana: Ana, open_phone: OpenPhone) -> None:
    phone = open_phone()
    phone.context.add_init_script(COUNT)
    phone.enrol(ana.code, BORN)
    phone.begin()
    phone.tap("Start")
    phone.check_in("Good")
    phone.says("Sent, ")
    # And one for each field of the date of birth.
    taps = int(phone.page.evaluate("sessionStorage.taps")) + 3
    assert 10 < taps <= MOST_TAPS


@pytest.mark.soak
def test_an_urge_to_the_end_with_no_signal(anas_phone: BrowserPhone) -> None:
    anas_phone.begin()
    anas_phone.keeps_the_app()
    anas_phone.offline()
    page = anas_phone.page
    page.reload()
    anas_phone.tap("I have an urge right now")
    page.get_by_label("8", exact=True).check(force=True)
    for title in ("Breathe", "Why you do this", "Wait it out", "How strong is it now?"):
        anas_phone.tap("Next", exact=True)
        anas_phone.title(title)
    page.get_by_label("5", exact=True).check(force=True)
    anas_phone.tap("Next", exact=True)
    anas_phone.says("from 8 to 5")
    anas_phone.says("Saved on this phone.")
    anas_phone.tap("OK for now")
    expect(page.get_by_role("navigation", name="Sections")).to_be_visible()


def test_four_weeks_without_a_network(anas_phone: BrowserPhone) -> None:
    anas_phone.begin()
    anas_phone.keeps_the_app()
    anas_phone.offline()
    page = anas_phone.page
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=28))
    page.reload()
    page.get_by_text(re.compile("^(Check in|Start)$")).first.tap()
    anas_phone.check_in("So-so")
    anas_phone.says("Saved on this phone.")
    page.get_by_role("link", name="Help").first.tap()
    expect(page.locator('a[href="tel:988"]').first).to_be_visible()
