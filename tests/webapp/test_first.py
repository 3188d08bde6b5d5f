"""From the door to the first day, the lock, and what stands in the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.clients.ana import BORN, Ana
from tests.webapp.browser_phone import BrowserPhone
from tests.webapp.conftest import OpenPhone

WORDS = "lake violin seventh carpet"
# What the browser holds, by name.
DATABASES = "indexedDB.databases().then((all) => all.map(({ name }) => name).sort())"
NAME = """async () => {
  const { href } = document.querySelector('link[rel=manifest]')
  return (await (await fetch(href)).json()).name
}"""
# Overwrites what the person's database holds, as a broken disk does.
SPOIL = """async () => {
  const { name } = (await indexedDB.databases()).find(({ name }) => name !== 'handrail-vault')
  const database = await new Promise((done) => {
    const request = indexedDB.open(name)
    request.onsuccess = () => done(request.result)
  })
  const rows = database.transaction('meta', 'readwrite').objectStore('meta')
  rows.put(new Uint8Array(40), 'spoiled')
  await new Promise((done) => (rows.transaction.oncomplete = done))
  database.close()
}"""


@pytest.fixture
def locked_phone(open_phone: OpenPhone, ana: Ana) -> BrowserPhone:
    """Ana's phone, which opens with four words."""
    phone = open_phone()
    _enter_code(phone, ana.code, BORN)
    phone.page.get_by_label("Four words only you know").check(force=True)
    phone.tap("Use four words")
    phone.page.get_by_label("Four words", exact=True).fill(WORDS)
    phone.page.get_by_label("The same four words again").fill(WORDS)
    phone.tap("Use these words")
    _title(phone, "What we will never do")
    return phone


def test_my_date_of_birth_was_wrong_and_my_code_still_works(
    open_phone: OpenPhone, ana: Ana
) -> None:
    phone = open_phone()
    _enter_code(phone, ana.code, "1990-01-01", opens=False)
    phone.says("That code did not work. Check it, or ask for a new one.")
    _fill_born(phone, BORN)
    phone.tap("Open", exact=True)
    _title(phone, "How should this app open?")


def test_i_open_the_app_with_my_four_words(locked_phone: BrowserPhone) -> None:
    phone = locked_phone
    phone.tap("Go to Today")
    expect(phone.page.get_by_role("button", name="Hide")).to_be_visible()
    phone.page.reload()
    _open(phone.page, "lake violin seven carpet")
    phone.says("That did not open it. Try again.")
    # A keyboard writes capitals and blanks by itself.
    _open(phone.page, " Lake violin  seventh carpet ")
    phone.tap("Hide")
    phone.tap("Open again")
    _title(phone, "Closed")


def test_i_forgot_my_words_and_start_again(locked_phone: BrowserPhone) -> None:
    phone = locked_phone
    phone.page.reload()
    phone.tap("I forgot my words")
    phone.tap("Erase and start again")
    _title(phone, "Enter your code")
    assert phone.page.evaluate(DATABASES) == ["handrail-vault"]
    assert phone.page.evaluate("localStorage.length") == 0


def test_another_window_closes_when_i_choose_a_lock(anas_phone: BrowserPhone) -> None:
    other = anas_phone.context.new_page()
    other.goto(anas_phone.stack.app + "me/lock")
    other.get_by_label("Four words only you know").check(force=True)
    other.get_by_role("button", name="Use four words").click()
    other.get_by_label("Four words", exact=True).fill(WORDS)
    other.get_by_label("The same four words again").fill(WORDS)
    other.get_by_role("button", name="Use these words").click()
    _title(anas_phone, "Closed")
    _open(anas_phone.page, WORDS)
    _title(anas_phone, "What we will never do")
    # The data under the earlier key are gone.
    assert len(anas_phone.page.evaluate(DATABASES)) == 2


def test_an_expired_lease_closes_what_i_saved(anas_phone: BrowserPhone) -> None:
    _title(anas_phone, "What we will never do")
    anas_phone.tap("Go to Today")
    anas_phone.offline()
    anas_phone.page.clock.install()
    anas_phone.page.clock.fast_forward(31 * 24 * 60 * 60 * 1000)
    anas_phone.page.evaluate("dispatchEvent(new Event('online'))")
    _title(anas_phone, "Connect once to open this")
    anas_phone.tap("Help numbers")
    anas_phone.says("Call 988")


def test_the_browser_deleted_what_was_saved(anas_phone: BrowserPhone) -> None:
    _title(anas_phone, "What we will never do")
    page = anas_phone.page
    page.goto("about:blank")
    cleared = {"origin": anas_phone.stack.app.rstrip("/"), "storageTypes": "indexeddb"}
    anas_phone.context.new_cdp_session(page).send("Storage.clearDataForOrigin", cleared)
    anas_phone.go()
    _title(anas_phone, "This browser deleted what was saved here")
    anas_phone.tap("Get it back")
    _title(anas_phone, "Enter your code")
    # What becomes of a code shows at the door, too.
    page.get_by_label("Code", exact=True).fill("AAAA-AAAA-AAAA")
    _fill_born(anas_phone, BORN)
    anas_phone.tap("Open", exact=True)
    anas_phone.says("That code did not work. Check it, or ask for a new one.")


def test_what_is_kept_cannot_be_opened_and_help_is_there(anas_phone: BrowserPhone) -> None:
    _title(anas_phone, "What we will never do")
    anas_phone.page.evaluate(SPOIL)
    anas_phone.page.reload()
    _title(anas_phone, "This page stopped")
    anas_phone.tap("Help numbers")
    anas_phone.says("Call 988")


def test_the_app_has_the_same_name_everywhere_before_i_choose_one(open_phone: OpenPhone) -> None:
    phone = open_phone()
    phone.go()
    _title(phone, "Enter your code")
    assert phone.page.evaluate(NAME) == "Notes"
    phone.says("Notes")


def _enter_code(phone: BrowserPhone, code: str, born: str, *, opens: bool = True) -> None:
    """Open the link with the code and say the date of birth."""
    phone.go(f"#code={code}")
    _fill_born(phone, born)
    phone.tap("Open", exact=True)
    if opens:
        _title(phone, "How should this app open?")


def _fill_born(phone: BrowserPhone, born: str) -> None:
    for label, number in zip(("Year", "Month", "Day"), born.split("-"), strict=True):
        phone.page.get_by_label(label, exact=True).fill(number)


def _title(phone: BrowserPhone, title: str) -> None:
    """Wait until the page has this title."""
    expect(phone.page.get_by_role("heading", level=1)).to_have_text(title)


def _open(page: Page, words: str) -> None:
    page.get_by_label("Your four words").fill(words)
    page.get_by_role("button", name="Open", exact=True).click()
