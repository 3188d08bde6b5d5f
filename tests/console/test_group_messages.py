"""The messages of a group: read, written, changed and taken back by those who lead it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from recovery.console.pages.group_messages import PAGE
from recovery.conversations.models import Message, ReadMarker
from tests.cast import LEGAL_NAME, NOW, ConsoleBrowser, act, make_olive
from tests.console.evening import Evening, at, make_evening
from tests.console.planning import form_of, rows, send, words
from tests.console.scenes import cost, reads_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def evening() -> Iterator[Evening]:
    with at():
        yield make_evening()


@pytest.fixture
def browser(evening: Evening) -> ConsoleBrowser:
    return ConsoleBrowser(evening.dana)


def path(evening: Evening) -> str:
    return f"{evening.path}/messages"


def text(response: Any) -> str:
    return words(response.content.decode())


def texts(evening: Evening) -> list[str]:
    return [row["text"] for row in rows(evening.dana, Message)]


def test_messages_are_read_by_the_names_of_the_group(
    evening: Evening, browser: ConsoleBrowser
) -> None:
    first = evening.write(evening.ana, "Good morning.")
    evening.write(evening.ben, "And to you.", reply_to=first, now=NOW + timedelta(minutes=1))
    evening.write(evening.dana, "See you at 5:30.", now=NOW + timedelta(minutes=2))
    shown = words(browser.reads(path(evening)))
    assert "2 other people read what is written here." in shown
    assert "Wren 10:00 AM New Good morning." in shown
    assert "Fern 10:01 AM New Wren Good morning. And to you." in shown
    assert "You 10:02 AM Change or take back : See you at 5:30. See you at 5:30." in shown
    assert shown.index("See you at 5:30.") < shown.index("And to you.")
    for name in LEGAL_NAME:
        assert name not in shown


def test_a_message_goes_to_the_group_once(evening: Evening, browser: ConsoleBrowser) -> None:
    key = uuid7()
    for _ in range(2):
        done = browser.do(path(evening), "post", key=key, text="We begin at 5:30.\nBring a pen.")
        assert "Sent to the group." in text(done)
    assert texts(evening) == ["We begin at 5:30.\nBring a pen."]
    assert "We begin at 5:30.<br>Bring a pen." in browser.reads(path(evening))


def test_an_empty_or_endless_message_is_refused_with_its_words(
    evening: Evening, browser: ConsoleBrowser
) -> None:
    empty = browser.do(path(evening), "post", text="  ")
    assert empty.status_code == 422
    assert "Say something, or attach something." in text(empty)
    long = browser.do(path(evening), "post", text="x" * 4001)
    assert long.status_code == 422
    assert "x" * 4001 in long.content.decode()
    assert texts(evening) == []


def test_what_is_new_is_marked_until_it_is_read(evening: Evening, browser: ConsoleBrowser) -> None:
    evening.write(evening.ana, "One.")
    evening.write(evening.ben, "Two.")
    page = browser.reads(path(evening))
    assert "2 new messages Mark as read" in words(page)
    seq = form_of(page, "mark_read")["seq"]
    done = browser.do(path(evening), "mark_read", seq=seq)
    assert "Marked as read. Only you see that." in text(done)
    assert "Mark as read" not in text(done)
    evening.write(evening.ana, "Three.", now=NOW + timedelta(minutes=1))
    shown = words(browser.reads(path(evening)))
    assert "1 new message Mark as read" in shown
    assert shown.count(" New ") == 1
    assert len(rows(evening.dana, ReadMarker)) == 1


def test_a_marker_without_a_number_is_refused(evening: Evening, browser: ConsoleBrowser) -> None:
    assert browser.do(path(evening), "mark_read", seq="all").status_code == 422
    assert rows(evening.dana, ReadMarker) == []


def test_one_s_own_message_is_changed(evening: Evening, browser: ConsoleBrowser) -> None:
    message = evening.write(evening.dana, "At 5.")
    one = f"{path(evening)}/{message}"
    done = send(browser, one, "edit", text="At 5:30.")
    assert (done.status_code, done["Location"]) == (303, path(evening))
    assert texts(evening) == ["At 5:30."]
    assert "You 10:00 AM. Changed" in words(browser.reads(path(evening)))


def test_a_change_to_what_has_changed_meanwhile_is_refused(
    evening: Evening, browser: ConsoleBrowser
) -> None:
    message = evening.write(evening.dana, "At 5.")
    one = f"{path(evening)}/{message}"
    seen = form_of(browser.reads(one), "edit")["seen"]
    send(browser, one, "edit", text="At 6.")
    refused = browser.do(one, "edit", seen=seen, text="At 7.")
    assert refused.status_code == 422
    assert "This message has changed meanwhile." in text(refused)
    assert "At 7." in refused.content.decode()
    for nothing in ("", "x", "²"):
        assert browser.do(one, "edit", seen=nothing, text="At 7.").status_code == 422
    assert texts(evening) == ["At 6."]


def test_one_s_own_message_is_taken_back(evening: Evening, browser: ConsoleBrowser) -> None:
    message = evening.write(evening.dana, "Wrong group.")
    one = f"{path(evening)}/{message}"
    done = browser.do(one, "withdraw")
    assert (done.status_code, done["Location"]) == (303, path(evening))
    shown = words(browser.reads(path(evening)))
    assert "You took this back." in shown
    assert "Wrong group." not in shown
    again = browser.do(one, "withdraw")
    assert again.status_code == 422
    assert "This message was taken back." in text(again)
    assert "You took this back." in words(browser.reads(one))


def test_the_message_of_another_is_theirs(evening: Evening, browser: ConsoleBrowser) -> None:
    message = evening.write(evening.ana, "Mine.")
    one = f"{path(evening)}/{message}"
    assert browser.get(one).status_code == 404
    assert browser.do(one, "edit", seen="1", text="Yours.").status_code == 404
    assert browser.do(one, "withdraw").status_code == 404
    assert texts(evening) == ["Mine."]
    assert f'{message}"' not in re.sub(r'id="[^"]*"', "", browser.reads(path(evening)))


def test_older_messages_come_by_page(evening: Evening, browser: ConsoleBrowser) -> None:
    for n in range(PAGE + 2):
        evening.write(evening.ana, f"Word {n:02}.", now=NOW + timedelta(seconds=n))
    page = browser.reads(path(evening))
    assert "Word 02." in page
    assert "Word 01." not in page
    [older] = re.findall(r'href="(\?before=[^"]+)"', page)
    page = browser.reads(path(evening) + older)
    assert "Word 01." in page
    assert "Word 02." not in page
    assert 'value="post"' not in page
    assert re.findall(r'href="(\?before=[^"]+)"', page) == []
    for nothing in ("x", str(uuid4())):
        assert f"Word {PAGE + 1}." in browser.reads(f"{path(evening)}?before={nothing}")


def test_who_left_wrote_without_a_name(evening: Evening, browser: ConsoleBrowser) -> None:
    evening.write(evening.ana, "Goodbye.")
    act(evening.ana, "groups.leave", group=evening.group)
    shown = words(browser.reads(path(evening)))
    assert "Someone who left 10:00 AM" in shown
    assert "Wren" not in shown


def test_one_message_and_many_cost_the_same(evening: Evening, browser: ConsoleBrowser) -> None:
    first = evening.write(evening.ana, "One.")
    few = cost(browser, path(evening))
    for n in range(5):
        evening.write(evening.ben, f"Reply {n}.", reply_to=first)
    assert cost(browser, path(evening)) == few


def test_reading_the_thread_is_one_event_of_the_group(
    evening: Evening, browser: ConsoleBrowser
) -> None:
    evening.write(evening.ana, "One.")
    browser.reads(path(evening))
    assert reads_in(evening.group, evening.dana) == [(evening.dana.id, "read group_messages")]
    for record in evening.records.values():
        assert reads_in(record.id, evening.dana) == []


def test_others_read_and_write_nothing(evening: Evening) -> None:
    message = evening.write(evening.dana, "For the group.")
    for who in (make_olive(), evening.fay, evening.eli, evening.cleo):
        browser = ConsoleBrowser(who)
        assert browser.get(path(evening)).status_code == 404
        one = f"{path(evening)}/{message}"
        tries = [
            browser.do(path(evening), "post", text="Hello."),
            browser.do(path(evening), "mark_read", seq="1"),
            browser.do(one, "edit", seen="1", text="Hello."),
            browser.do(one, "withdraw"),
        ]
        assert {each.status_code for each in tries} == {404}
    assert texts(evening) == ["For the group."]
    assert reads_in(evening.group, evening.dana) == []


@pytest.mark.parametrize("text_", ["<script>x</script>", "\u202eevil <b>bold</b>", "<b>" * 1333])
def test_hostile_messages_are_only_text(
    evening: Evening, browser: ConsoleBrowser, text_: str
) -> None:
    first = evening.write(evening.ana, text_)
    evening.write(evening.ben, "Oh.", reply_to=first)
    mine = evening.write(evening.dana, text_)
    for page in (browser.reads(path(evening)), browser.reads(f"{path(evening)}/{mine}")):
        main = page.partition("<main")[2]
        assert "<script>x" not in main
        assert "<b>b" not in main
        assert "<b><b>" not in main
    assert "<bdi>" in browser.reads(path(evening))
