"""A group in a browser: live while someone types, by keyboard, on a small screen and on paper."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from recovery.conversations.models import Message
from recovery.feed.context import set_actor
from tests.cast import act
from tests.clients.ana import Ana, confirm_notice, join_group
from tests.console.conftest import OpenDesk


@pytest.fixture
def group(ana: Ana) -> uuid.UUID:
    """Dana's group with Ana in it, who is Heron there."""
    confirm_notice(ana)
    return join_group(ana)


def live(page: Page) -> None:
    expect(page.locator(".live:visible")).to_have_text("Live")


def write(ana: Ana, group: uuid.UUID, text: str) -> None:
    facts: dict[str, Any] = {"group": group, "text": text}
    act(ana.user, "groups.post_message", now=timezone.now(), **facts)


def open_round(ana: Ana, group: uuid.UUID) -> str:
    now, id_ = timezone.now(), str(uuid.uuid4())
    facts = {"id": id_, "group": group, "on_date": now.date(), "topic": "Payday"}
    act(ana.dana, "groups.open_round", now=now, **facts)
    return id_


def add_line(ana: Ana, round_: str, kind: str, text: str) -> None:
    act(ana.user, "groups.add_line", now=timezone.now(), round=round_, kind=kind, text=text)


def texts(ana: Ana, group: uuid.UUID) -> list[str]:
    with transaction.atomic():
        set_actor(ana.dana.id)
        rows = Message.objects.in_scope(group).order_by("received_at", "id")
        return list(rows.values_list("text", flat=True))


def test_what_is_typed_stays_while_messages_arrive(
    open_desk: OpenDesk, ana: Ana, group: uuid.UUID
) -> None:
    page = open_desk(f"/groups/{group}/messages")
    live(page)
    box = page.get_by_label("Write to the group")
    box.fill("We begin at 5:30")
    write(ana, group, "I come ten minutes late.")
    expect(page.get_by_text("I come ten minutes late.")).to_be_visible()
    expect(box).to_have_value("We begin at 5:30")
    expect(box).to_be_focused()
    box.press("End")
    box.type(".")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Sent to the group.")).to_be_visible()
    expect(box).to_have_value("")
    assert texts(ana, group) == ["I come ten minutes late.", "We begin at 5:30."]


def test_lines_of_a_round_arrive_by_themselves_and_a_word_goes_back(
    open_desk: OpenDesk, ana: Ana, group: uuid.UUID
) -> None:
    round_ = open_round(ana, group)
    page = open_desk(f"/groups/{group}?part=round")
    live(page)
    expect(page.get_by_text("Nobody has written yet.")).to_be_visible()
    add_line(ana, round_, "success", "Walked home.")
    expect(page.get_by_text("Everybody has written.")).to_be_visible()
    say = page.get_by_role("button", name="Say a word")
    say.focus()
    page.keyboard.press("Enter")
    words = page.get_by_label("With a few words, if you like")
    words.fill("That took courage.")
    # The question stays open, and what is typed in it, when the page is drawn again.
    add_line(ana, round_, "plan", "Call Lee.")
    expect(page.get_by_text("Call Lee.").first).to_be_visible()
    expect(words.first).to_have_value("That took courage.")
    page.locator(":popover-open").get_by_role("button", name="Proud of you").click()
    expect(page.get_by_text("Proud of you: Dana")).to_be_visible()
    expect(page.locator(":popover-open")).to_have_count(0)


@pytest.mark.parametrize("part", ["?part=brief", "?part=round", "/messages", "/members", "/invite"])
def test_every_page_of_a_group_fits_a_small_screen(
    open_desk: OpenDesk, ana: Ana, group: uuid.UUID, part: str
) -> None:
    round_ = open_round(ana, group)
    for kind in ("success", "hard"):
        add_line(ana, round_, kind, "Unbroken" * 40)
    write(ana, group, "Unbroken" * 100)
    page = open_desk(f"/groups/{group}{part}", width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    small = page.evaluate(
        "[...document.querySelectorAll('main :is(button, a.button, input, select, textarea)')]"
        ".filter(e => e.checkVisibility() && e.type !== 'hidden')"
        ".map(e => e.getBoundingClientRect())"
        ".filter(r => r.width < 44 || r.height < 44).length"
    )
    assert small == 0


def test_the_brief_is_one_sheet_without_the_menu(
    open_desk: OpenDesk, ana: Ana, group: uuid.UUID
) -> None:
    page = open_desk(f"/groups/{group}?part=brief")
    page.emulate_media(media="print")
    for name in ("Print, one page", "My groups"):
        expect(page.get_by_text(name).first).to_be_hidden()
    expect(page.get_by_text("Who comes")).to_be_visible()
    expect(page.get_by_text("42 CFR part 2")).to_be_visible()
    sheets = page.pdf(prefer_css_page_size=True)
    assert sheets.count(b"/Type /Page\n") == 1
