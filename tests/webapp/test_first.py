"""From the door to the first day, the lock, and what stands in the way."""

from __future__ import annotations

import pytest

from tests.clients.ana import BORN, Ana
from tests.webapp.conftest import OpenPhone
from tools.webapp.browser_phone import BrowserPhone
from tools.webapp.owner import WORDS

FIRST_PAGE = "What we will never do"
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
    phone.enter(ana.code, BORN)
    phone.use_words(WORDS)
    phone.title(FIRST_PAGE)
    return phone


def test_my_date_of_birth_was_wrong_and_my_code_still_works(
    open_phone: OpenPhone, ana: Ana
) -> None:
    phone = open_phone()
    phone.enter(ana.code, "1990-01-01")
    phone.says("That code did not work. Check it, or ask for a new one.")
    phone.say_born(BORN)
    phone.tap("Open", exact=True)
    phone.title("How should this app open?")


def test_i_open_the_app_with_my_four_words(locked_phone: BrowserPhone) -> None:
    phone = locked_phone
    phone.begin()
    phone.page.reload()
    phone.open_with("lake violin seven carpet")
    phone.says("That did not open it. Try again.")
    # A keyboard writes capitals and blanks by itself.
    phone.open_with(" Lake violin  seventh carpet ")
    phone.sees("People")
    phone.tap("Hide")
    phone.tap("Open again")
    phone.title("Closed")


@pytest.mark.soak
def test_the_app_closes_once_i_was_away_for_five_minutes(locked_phone: BrowserPhone) -> None:
    phone = locked_phone
    phone.begin()
    phone.sees("Start")
    phone.page.clock.install()
    away(phone, minutes=4)
    phone.sees("People")
    away(phone, minutes=5)
    phone.title("Closed")


def test_i_forgot_my_words_and_start_again(locked_phone: BrowserPhone) -> None:
    phone = locked_phone
    assert len(phone.databases()) == 2
    phone.page.reload()
    phone.tap("I forgot my words")
    phone.tap("Erase and start again")
    phone.title("Enter your code")
    assert phone.databases() == ["handrail-vault"]
    assert phone.page.evaluate("localStorage.length") == 0


def test_another_window_closes_when_i_choose_a_lock(anas_phone: BrowserPhone) -> None:
    here = anas_phone.page
    earlier = anas_phone.databases()
    anas_phone.page = anas_phone.context.new_page()
    anas_phone.go("me/lock")
    anas_phone.use_words(WORDS)
    anas_phone.page = here
    anas_phone.title("Closed")
    anas_phone.open_with(WORDS)
    anas_phone.title(FIRST_PAGE)
    # The data under the earlier key are gone.
    assert len(earlier) == 2
    anas_phone.until(lambda: len(set(anas_phone.databases()) - set(earlier)) == 1)
    anas_phone.until(lambda: len(anas_phone.databases()) == 2)


def test_an_expired_lease_closes_what_i_saved(anas_phone: BrowserPhone) -> None:
    anas_phone.begin()
    anas_phone.offline()
    anas_phone.page.clock.install()
    anas_phone.page.clock.fast_forward(31 * 24 * 60 * 60 * 1000)
    anas_phone.page.evaluate("dispatchEvent(new Event('online'))")
    anas_phone.title("Connect once to open this")
    anas_phone.tap("Help numbers")
    anas_phone.says("Call 988")


def test_the_browser_deleted_what_was_saved(anas_phone: BrowserPhone) -> None:
    anas_phone.title(FIRST_PAGE)
    page = anas_phone.page
    page.goto("about:blank")
    cleared = {"origin": anas_phone.app.rstrip("/"), "storageTypes": "indexeddb"}
    anas_phone.context.new_cdp_session(page).send("Storage.clearDataForOrigin", cleared)
    anas_phone.go()
    anas_phone.title("This browser deleted what was saved here")
    anas_phone.tap("Get it back")
    anas_phone.title("Enter your code")
    # What becomes of a code shows at the door, too.
    anas_phone.enter("AAAA-AAAA-AAAA", BORN)
    anas_phone.says("That code did not work. Check it, or ask for a new one.")


def test_what_is_kept_cannot_be_opened_and_help_is_there(anas_phone: BrowserPhone) -> None:
    anas_phone.title(FIRST_PAGE)
    anas_phone.page.evaluate(SPOIL)
    anas_phone.page.reload()
    anas_phone.title("This page stopped")
    anas_phone.tap("Help numbers")
    anas_phone.says("Call 988")


def test_the_app_has_the_same_name_everywhere_before_i_choose_one(open_phone: OpenPhone) -> None:
    phone = open_phone()
    phone.go()
    phone.title("Enter your code")
    assert phone.page.evaluate(NAME) == "Notes"
    phone.says("Notes")


def away(phone: BrowserPhone, *, minutes: int) -> None:
    phone.in_front(False)
    phone.page.clock.fast_forward(minutes * 60_000)
    phone.in_front()
