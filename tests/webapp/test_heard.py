"""What a screen reader says by itself when something changes: each thing once."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.clients.ana import BORN, Ana
from tests.screens import EARS
from tests.webapp.conftest import OpenPhone
from tests.webapp.evening_group import group as group  # noqa: PLC0414  (a fixture)
from tests.webapp.evening_group import open_thread, said_by_dana, write
from tools.webapp.browser_phone import BrowserPhone

pytestmark = pytest.mark.soak

NO_CONNECTION = "No connection. Saved here."


@pytest.fixture
def phone(open_phone: OpenPhone) -> BrowserPhone:
    phone = open_phone()
    phone.context.add_init_script(EARS)
    return phone


@pytest.fixture
def anas(phone: BrowserPhone, ana: Ana) -> BrowserPhone:
    """Past the first pages."""
    phone.enrol(ana.code, BORN)
    phone.begin()
    return phone


def hears_once(phone: BrowserPhone, words: str) -> None:
    """Wait until words that begin like this were said, and be sure that it was once."""
    pattern = re.compile(re.escape(words))
    phone.until(lambda: any(pattern.match(each) for each in heard(phone)))
    # What is said twice comes with the same change of the page.
    phone.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert [bool(pattern.match(each)) for each in heard(phone)].count(True) == 1, heard(phone)


def heard(phone: BrowserPhone) -> list[str]:
    words: list[str] = phone.page.evaluate("heard")
    return words


def forget(phone: BrowserPhone) -> None:
    phone.page.evaluate("void (heard.length = 0)")


def test_that_there_is_no_connection(anas: BrowserPhone) -> None:
    anas.sees("Start")
    forget(anas)
    anas.offline()
    anas.page.evaluate("dispatchEvent(new Event('online'))")
    anas.says(NO_CONNECTION)
    hears_once(anas, NO_CONNECTION)


def test_what_became_of_my_message(anas: BrowserPhone, group: UUID) -> None:
    open_thread(anas)
    write(anas, "I walked home")
    anas.says("Sent, ")
    hears_once(anas, "Sent, ")
    forget(anas)
    anas.offline()
    write(anas, "It was cold")
    anas.says("Waiting to send")
    hears_once(anas, "Waiting to send")
    anas.offline(False)
    expect(anas.page.locator(".fate", has_text="Sent, ")).to_have_count(2)
    hears_once(anas, "Sent, ")


def test_that_there_is_a_message(anas: BrowserPhone, ana: Ana, group: UUID) -> None:
    open_thread(anas)
    said_by_dana(ana, group, "How was the bus?")
    anas.says("How was the bus?")
    hears_once(anas, "Dana: How was the bus?")


def test_that_my_message_shows_who_i_am(anas: BrowserPhone, group: UUID) -> None:
    open_thread(anas)
    write(anas, "Call me at 503 555 0117")
    anas.says("This shows a phone number to 1 person")
    hears_once(anas, "This shows a phone number to 1 person")


def test_what_became_of_my_check_in(anas: BrowserPhone) -> None:
    anas.keeps_the_app()
    anas.offline()
    anas.tap("Start")
    anas.check_in("Good")
    anas.says("Saved on this phone.")
    forget(anas)
    anas.offline(False)
    anas.says("Sent, ")
    assert [each for each in heard(anas) if "Sent, " in each] == heard(anas)[-1:]


def test_what_is_wrong_with_a_form_is_said_by_its_field_alone(phone: BrowserPhone) -> None:
    phone.go()
    forget(phone)
    phone.tap("Open", exact=True)
    code = phone.page.get_by_label("Code", exact=True)
    expect(code).to_be_focused()
    expect(code).to_have_accessible_description(re.compile("^Type the code first."))
    phone.enter("7QMX-2RTA-9WPF", BORN)
    expect(code).to_be_focused()
    expect(code).to_have_accessible_description(re.compile("^That code did not work."))
    assert [each for each in heard(phone) if "code" in each] == []
