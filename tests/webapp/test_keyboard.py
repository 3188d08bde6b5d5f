"""What a person does with a keyboard and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from tests.clients.ana import BORN, GROUP, Ana
from tests.webapp.evening_group import group as group  # noqa: PLC0414  (a fixture)
from tests.webapp.evening_group import texts
from tests.webapp.keyboard_phone import KeyboardPhone
from tests.webapp.phones import watched
from tools.local.stack import Stack
from tools.webapp.browser_phone import USUAL
from tools.webapp.owner import WORDS


@pytest.fixture
def phone(browser: Browser, stack: Stack) -> Iterator[KeyboardPhone]:
    with watched(KeyboardPhone(browser.new_context(**USUAL), stack.app)) as phone:
        yield phone


@pytest.fixture
def anas(phone: KeyboardPhone, ana: Ana) -> KeyboardPhone:
    """Past the first pages."""
    phone.enrol(ana.code, BORN)
    phone.begin()
    return phone


def test_i_come_in_and_reach_the_numbers_for_help_with_a_keyboard(
    phone: KeyboardPhone, ana: Ana
) -> None:
    phone.go()
    phone.fill("Code", ana.code)
    phone.say_born("1990-01-01")
    phone.tap("Open", exact=True)
    phone.says("That code did not work. Check it, or ask for a new one.")
    phone.say_born(BORN)
    phone.tap("Open", exact=True)
    phone.use_words(WORDS)
    phone.begin()
    phone.tap("Help", exact=True)
    phone.title("Help")
    phone.reach("Call 988")


@pytest.mark.soak
def test_i_check_in_with_a_keyboard(anas: KeyboardPhone) -> None:
    anas.tap("Start")
    anas.check_in("Good")
    anas.says("Sent, ")
    anas.tap("Close")
    anas.reach("Help")


@pytest.mark.soak
def test_an_urge_to_the_end_with_a_keyboard(anas: KeyboardPhone) -> None:
    anas.tap("I have an urge right now")
    anas.pick("8", exact=True)
    for title in ("Breathe", "Why you do this", "Wait it out", "How strong is it now?"):
        anas.tap("Next", exact=True)
        anas.title(title)
    anas.pick("5", exact=True)
    anas.tap("Next", exact=True)
    anas.says("from 8 to 5")
    anas.tap("OK for now")
    anas.reach("Help")


@pytest.mark.soak
def test_i_write_to_my_group_and_take_it_back_with_a_keyboard(
    ana: Ana, group: UUID, anas: KeyboardPhone
) -> None:
    anas.tap("People")
    anas.tap(GROUP)
    box = anas.page.get_by_role("textbox")
    anas.write(box, "Call me at 503 555 0117")
    anas.tap("Send")
    anas.tap("Take it out")
    anas.tap("Send")
    anas.says("Sent, ")
    assert texts(ana) == ["Call me at"]
    anas.unfold("More for your message")
    anas.tap("Take it back")
    anas.tap("Take it back")
    anas.says("You took this back.")
    anas.reach("Help")


@pytest.mark.soak
def test_i_change_the_language_with_a_keyboard(anas: KeyboardPhone) -> None:
    anas.tap("Me", exact=True)
    anas.tap("Language and look")
    anas.pick("Español")
    expect(anas.page.locator("html")).to_have_attribute("lang", "es")
    anas.title("Idioma y aspecto")
    anas.tap("Yo")
    anas.reach("Ayuda")
