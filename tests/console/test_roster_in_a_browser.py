"""The roster under a keyboard, on a small screen, on paper, and beside a colleague."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from recovery.care.models import Appointment, Attendance
from recovery.feed.context import set_actor
from tests.cast import act, employ
from tests.cast.programme import NORTHLIGHT
from tests.clients.ana import Ana
from tests.console.conftest import OpenDesk

LOCAL = ZoneInfo("America/Los_Angeles")


@pytest.fixture
def path(ana: Ana) -> str:
    """Of the roster of a session of Ana's that began half an hour ago."""
    begins = datetime.now(LOCAL) - timedelta(minutes=30)
    series: dict[str, Any] = {
        "kind": "individual",
        "title": "One to one",
        "rule": "FREQ=WEEKLY",
        "first_date": begins.date(),
        "times": [f"{begins:%H:%M}"],
        "minutes": 120,
    }
    now = timezone.now()
    act(ana.dana, "care.create_series", now=now, scope=f"care:{ana.record}", **series)
    return f"/sessions/{session_of(ana).id}/roster"


def session_of(ana: Ana) -> Appointment:
    with transaction.atomic():
        set_actor(ana.dana.id)
        row: Appointment = Appointment.objects.in_scope(ana.record).earliest("starts_at")
        return row


def mark_of(ana: Ana) -> Attendance | None:
    with transaction.atomic():
        set_actor(ana.dana.id)
        row: Attendance | None = Attendance.objects.in_scope(ana.record).first()
        return row


def typed(ana: Ana, minutes: int) -> str:
    """The time this number of minutes after the session began."""
    return f"{(session_of(ana).starts_at + timedelta(minutes=minutes)).astimezone(LOCAL):%H:%M}"


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=re.compile(f"^{name} ?: Ana Reyes$"))


def test_a_late_arrival_is_marked_by_keyboard(open_desk: OpenDesk, ana: Ana, path: str) -> None:
    page = open_desk(path)
    button(page, "Late").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Came at").fill(typed(ana, 10))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="1 of 1 marked.")).to_contain_text(
        "late, came"
    )
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button(page, "Late")).to_have_attribute("aria-pressed", "true")
    expect(button(page, "Late")).to_be_focused()
    mark = mark_of(ana)
    assert mark is not None
    assert mark.credited_minutes == 110


def test_a_colleague_s_mark_appears_and_what_is_typed_stays(
    open_desk: OpenDesk, ana: Ana, path: str
) -> None:
    eli = employ(NORTHLIGHT)
    act(ana.dana, "care.assign_team_member", now=timezone.now(), record=ana.record, user=eli.id)
    mine, theirs = open_desk(path), open_desk(path, eli)
    for page in (mine, theirs):
        expect(page.locator(".live:visible")).to_have_text("Live")
    button(mine, "Late").click()
    mine.locator(":popover-open").get_by_label("Came at").fill(typed(ana, 10))
    button(theirs, "Not here").click()
    # The question now asks why, because there is a mark to correct.
    expect(mine.locator(":popover-open").get_by_label("Why it changes")).to_be_visible()
    assert mine.locator(":popover-open").get_by_label("Came at").input_value() == typed(ana, 10)
    mine.locator(":popover-open").get_by_label("Why it changes").fill("Came after all")
    mine.locator(":popover-open").get_by_role("button", name="Save").click()
    expect(button(theirs, "Late")).to_have_attribute("aria-pressed", "true")
    expect(theirs.get_by_text("Came after all")).to_be_visible()


def test_a_refusal_stays_when_the_page_is_drawn_again(
    open_desk: OpenDesk, ana: Ana, path: str
) -> None:
    page = open_desk(path)
    expect(page.locator(".live:visible")).to_have_text("Live")
    # Someone marks, and the page does not know it yet.
    page.route("**/roster", lambda route: route.abort() if by_itself(route) else route.continue_())
    which = {"record": ana.record, "appointment": session_of(ana).id}
    act(ana.dana, "care.record_attendance", now=timezone.now(), status="absent", **which)
    button(page, "Here").click()
    reply = page.get_by_role("alert")
    expect(reply).to_contain_text("Ana Reyes is already marked: not here, by you")
    page.unroute("**/roster")
    act(ana.dana, "care.record_attendance", now=timezone.now(), status="excused", **which)
    expect(button(page, "Excused")).to_have_attribute("aria-pressed", "true")
    expect(reply).to_be_visible()


def by_itself(route: Any) -> bool:
    return "handrail-by-itself" in route.request.headers


def test_the_roster_fits_a_small_screen_and_paper(open_desk: OpenDesk, ana: Ana, path: str) -> None:
    page = open_desk(path, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    sizes = page.evaluate(
        "[...document.querySelectorAll('.attend .button')]"
        ".map(b => b.getBoundingClientRect()).map(b => Math.min(b.width, b.height))"
    )
    assert min(sizes) >= 44
    page.emulate_media(media="print")
    expect(page.get_by_text("42 CFR part 2 prohibits")).to_be_visible()
    expect(page.locator("td .on-paper")).to_have_text("not marked")
    expect(button(page, "Here")).to_be_hidden()
