"""A group on Ana's phone: writing, taking back, reading, with and without a network."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.blobs import samples
from tests.clients.ana import GROUP, Ana
from tests.webapp.evening_group import group as group  # noqa: PLC0414  (a fixture)
from tests.webapp.evening_group import open_thread, said_by_dana, texts, write
from tools.webapp.browser_phone import BrowserPhone


@pytest.fixture
def phone(group: UUID, anas_phone: BrowserPhone) -> BrowserPhone:
    """Past the first pages."""
    anas_phone.begin()
    return anas_phone


def test_i_write_to_my_group_with_no_signal(ana: Ana, phone: BrowserPhone) -> None:
    open_thread(phone)
    phone.offline()
    write(phone, "I can go with you")
    phone.says("Waiting to send")
    assert texts(ana) == []
    phone.offline(False)
    phone.says("Sent, ")
    assert texts(ana) == ["I can go with you"]


def test_i_take_a_message_back_with_no_signal(ana: Ana, phone: BrowserPhone) -> None:
    open_thread(phone)
    phone.offline()
    write(phone, "Too much")
    phone.says("Waiting to send")
    phone.page.get_by_label("More for your message").tap()
    phone.tap("Take it back")
    # My words come back into the box.
    expect(phone.page.get_by_role("textbox")).to_have_value("Too much")
    write(phone, "Good evening")
    phone.offline(False)
    phone.says("Sent, ")
    assert texts(ana) == ["Good evening"]


def test_my_number_is_not_sent_without_a_warning(ana: Ana, phone: BrowserPhone) -> None:
    open_thread(phone)
    write(phone, "Call me at 503 555 0117")
    phone.says("This shows a phone number to 1 person")
    phone.tap("Take it out")
    phone.tap("Send")
    phone.says("Sent, ")
    assert texts(ana) == ["Call me at"]


def test_i_see_what_is_new_and_it_is_read_once_i_looked(
    ana: Ana, group: UUID, phone: BrowserPhone
) -> None:
    said_by_dana(ana, group, "How was the bus?")
    phone.go("people")
    phone.says("Dana: How was the bus?")
    expect(phone.page.get_by_role("link", name="1 unread").first).to_be_visible()
    phone.tap(GROUP)
    phone.says("How was the bus?")
    phone.tap(GROUP)
    expect(phone.page.get_by_role("link", name="1 unread")).to_have_count(0)


def test_what_i_was_writing_is_still_there(phone: BrowserPhone) -> None:
    open_thread(phone)
    phone.page.get_by_role("textbox").fill("Half a thou")
    phone.tap(GROUP)
    open_thread(phone)
    expect(phone.page.get_by_role("textbox")).to_have_value("Half a thou")


def test_what_was_read_out_is_gone_once_i_hide(ana: Ana, group: UUID, phone: BrowserPhone) -> None:
    open_thread(phone)
    said_by_dana(ana, group, "How was the bus?")
    read_out = phone.page.locator(".unseen[role=status]")
    expect(read_out).to_contain_text("How was the bus?")
    for _ in range(3):
        phone.page.keyboard.press("Shift")
    phone.tap("Open again")
    expect(read_out).to_have_text("")


def test_a_change_to_a_message_leaves_what_i_was_writing(ana: Ana, phone: BrowserPhone) -> None:
    open_thread(phone)
    write(phone, "See you at six")
    phone.says("Sent, ")
    box = phone.page.get_by_role("textbox")
    box.fill("Half a thou")
    phone.page.get_by_label("More for your message").tap()
    phone.tap("Change it")
    expect(box).to_have_value("See you at six")
    phone.tap("Stop")
    expect(box).to_have_value("Half a thou")
    phone.page.get_by_label("More for your message").tap()
    phone.tap("Change it")
    write(phone, "See you at seven")
    expect(box).to_have_value("Half a thou")
    phone.says("Changed. Sent, ")
    assert texts(ana) == ["See you at seven"]


def test_a_picture_comes_back_with_its_words(phone: BrowserPhone) -> None:
    open_thread(phone)
    phone.offline()
    picture = {"name": "lake.png", "mimeType": "image/png", "buffer": samples.png()}
    phone.page.locator("input[type=file]").set_input_files(picture)
    phone.says("Picture, ")
    write(phone, "The lake")
    phone.says("Waiting to send")
    phone.page.get_by_label("More for your message").tap()
    phone.tap("Change it")
    expect(phone.page.get_by_role("textbox")).to_have_value("The lake")
    phone.says("Picture, ")
    write(phone, "The lake today")
    expect(phone.page.get_by_role("img", name="Your picture")).to_be_visible()


def test_my_line_is_kept_while_i_look_at_help(group: UUID, phone: BrowserPhone) -> None:
    phone.go(f"people/group:{group}/round/line")
    phone.page.get_by_label("What went well").fill("I walked home")
    phone.tap("Help")
    phone.page.go_back()
    expect(phone.page.get_by_label("What went well")).to_have_value("I walked home")
    phone.tap("Go-round")
    phone.title("No round yet")
    phone.says("“I walked home”")
