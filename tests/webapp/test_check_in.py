"""What a check-in leaves in the address, and for whom it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tools.webapp.browser_phone import BrowserPhone

pytestmark = pytest.mark.soak

QUESTIONS = ("success", "mood", "craving", "sleep", "halt", "medication", "used")


def test_the_history_of_my_browser_does_not_say_what_i_was_asked(anas_phone: BrowserPhone) -> None:
    addresses: list[str] = []
    anas_phone.page.on("framenavigated", lambda frame: addresses.append(frame.url))
    anas_phone.begin()
    anas_phone.tap("Start")
    anas_phone.check_in("Low")
    assert [address for address in addresses if "/check-in/" in address]
    assert not [a for a in addresses if any(question in a for question in QUESTIONS)]


def test_words_that_i_deleted_do_not_come_back(anas_phone: BrowserPhone) -> None:
    anas_phone.begin()
    anas_phone.tap("Start")
    words = anas_phone.page.get_by_label("In your words")
    words.fill("For nobody")
    words.fill("")
    anas_phone.tap("Finish later")
    anas_phone.tap("Start")
    expect(words).to_have_value("")


def test_what_was_for_me_alone_stays_so_unless_i_choose(anas_phone: BrowserPhone) -> None:
    page = anas_phone.page
    anas_phone.begin()
    anas_phone.tap("Start")
    page.get_by_label("In your words").fill("For nobody else")
    _to_the_end(anas_phone)
    page.get_by_text("Only me").click()
    anas_phone.tap("Save", exact=True)
    anas_phone.says("Only on this phone. It is not sent.")
    # For another day the team is chosen, which the app remembers.
    anas_phone.go("check-ins")
    anas_phone.tap("Yesterday")
    _to_the_end(anas_phone)
    page.get_by_text("My team", exact=True).click()
    anas_phone.tap("Save", exact=True)
    page.wait_for_url("**/done")

    anas_phone.go("check-ins")
    anas_phone.tap("Today")
    anas_phone.tap("Change it")
    _to_the_end(anas_phone)
    expect(page.get_by_label("Only me")).to_be_checked()


def test_what_i_began_days_ago_is_there_with_no_signal(anas_phone: BrowserPhone) -> None:
    anas_phone.begin()
    _begin_days_ago(anas_phone, "Walked with Dee")
    anas_phone.offline()
    anas_phone.tap("You began.")
    anas_phone.says("Walked with Dee")
    anas_phone.tap("Go on")
    expect(anas_phone.page.get_by_label("In your words")).to_have_value("Walked with Dee")
    _to_the_end(anas_phone)
    anas_phone.page.get_by_text("My team", exact=True).click()
    anas_phone.tap("Save", exact=True)
    anas_phone.says("Saved on this phone")
    anas_phone.go("check-ins")
    anas_phone.says("Waiting to send")
    expect(anas_phone.page.get_by_text("You began.")).to_have_count(0)


def test_i_delete_what_i_began_days_ago(anas_phone: BrowserPhone) -> None:
    anas_phone.begin()
    _begin_days_ago(anas_phone, "Not for long")
    anas_phone.tap("You began.")
    anas_phone.tap("Delete what I began")
    anas_phone.tap("Keep it")
    anas_phone.tap("Delete what I began")
    dialog = anas_phone.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Delete what I began").tap()
    anas_phone.title("Check-ins")
    expect(anas_phone.page.get_by_text("You began.")).to_have_count(0)


def _begin_days_ago(phone: BrowserPhone, words: str) -> None:
    """On a day that is no longer open by itself. Ends on the list of days."""
    phone.keeps_the_app()
    phone.go(f"check-in/{timezone.now() - timedelta(days=5):%Y-%m-%d}/day/start")
    phone.page.get_by_label("In your words").fill(words)
    phone.tap("Finish later")
    phone.go("check-ins")


def _to_the_end(phone: BrowserPhone) -> None:
    while not (url := phone.page.url).endswith("/last"):
        phone.tap("Next", exact=True)
        phone.page.wait_for_url(lambda now, before=url: now != before)
