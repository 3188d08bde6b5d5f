"""A day on the phone: the next session and the check-in, also without a signal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tools.local import data_directory, stack
from tools.local.links import PRINTED

pytestmark = [pytest.mark.soak, pytest.mark.enable_socket]

BEN = "ben.marsh@mail.example"


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Ben's phone, signed in, where it is about noon: no test begins before midnight and ends
    after it."""
    printed: list[str] = []
    zone = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
    with (
        data_directory.temporary() as held,
        stack.running(held, environ={}, on_step=printed.append) as house,
    ):
        context = browser.new_context(
            base_url=house.web,
            viewport={"width": 360, "height": 640},
            locale="en-US",
            timezone_id=zone,
        )
        _sign_in(context.new_page(), "\n".join(printed))
        yield context
        context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.pages[0]
    yield page
    context.set_offline(False)


def _sign_in(page: Page, printed: str) -> None:
    ben = next(line for line in PRINTED.finditer(printed) if line["email"] == BEN)
    year, month, day = ben["born"].split("-")
    page.goto(f"/#code={ben['code']}")
    page.get_by_label("Month").fill(month)
    page.get_by_label("Day").fill(day)
    page.get_by_label("Year").fill(year)
    page.get_by_role("button", name="Open", exact=True).click()
    page.get_by_text("With my phone only").click()
    page.get_by_role("button", name="Use my phone only").click()
    page.get_by_text("Go to Today").click()
    # The demonstration people have begun today, so the cards of the first day come before Today.
    expect(page.get_by_text("Evening group").first).to_be_visible(timeout=30_000)
    skip = page.get_by_role("button", name=re.compile("^(Skip|Got it)"))
    while left := skip.count():
        skip.first.click()
        expect(skip).to_have_count(left - 1)
    expect(page.get_by_role("heading", name="Good")).to_be_visible()
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def _open(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.locator("h1")).to_be_visible()


def _skip_to_the_end(page: Page) -> None:
    while not page.url.endswith("/last"):
        here = page.url
        page.get_by_role("button", name="Skip").click()
        page.wait_for_url(lambda url, here=here: url != here)


def test_i_see_my_next_session_with_no_signal(page: Page, context: BrowserContext) -> None:
    _open(page, "/sessions")
    expect(page.get_by_text("Evening group").first).to_be_visible()
    context.set_offline(True)

    _open(page, "/sessions")

    expect(page.get_by_text("Evening group").first).to_be_visible()
    expect(page.get_by_text("As of")).to_be_visible()


def test_i_check_in_with_no_signal_and_go_on_where_i_stopped(
    page: Page, context: BrowserContext
) -> None:
    context.set_offline(True)
    _open(page, "/")
    page.get_by_role("link", name="Start").click()
    page.get_by_label("In your words").fill("Rang Dee")
    page.get_by_role("button", name="Next").click()
    page.get_by_text("So-so").click()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="How strong is the urge")).to_be_focused()
    page.get_by_role("link", name="Finish later").click()
    expect(page.get_by_role("link", name="Go on")).to_be_visible()

    _open(page, "/")
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_role("heading", name="How strong is the urge")).to_be_visible()
    page.locator(".scale .pick").nth(8).click()
    page.get_by_role("button", name="Next").click()
    _skip_to_the_end(page)
    page.get_by_label("One plan for today").fill("Walk before group")
    page.get_by_text("My team", exact=True).click()  # it may remember another choice
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("A strong urge, and you still made a plan.")).to_be_visible()
    expect(page.get_by_text("Sent,")).to_have_count(0)

    _open(page, "/")
    expect(page.get_by_text("Waiting to send")).to_be_visible()
    context.set_offline(False)

    expect(page.get_by_text("Sent,")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Check-in for today").click()
    for answer in ("Rang Dee", "So-so", "8 of 10", "Walk before group"):
        expect(page.get_by_text(answer)).to_be_visible()


def test_what_only_i_may_read_stays_on_my_phone(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    _open(page, "/check-ins")
    page.get_by_role("link", name="Yesterday").click()
    page.get_by_label("In your words").fill("For nobody else")
    page.get_by_role("button", name="Next").click()
    _skip_to_the_end(page)
    page.get_by_text("Only me").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Only on this phone. It is not sent.")).to_be_visible()

    # What is for others goes out after it.
    _open(page, "/people")
    page.get_by_role("link", name="Evening circle").first.click()
    page.get_by_role("textbox").fill("For all of you")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#main").get_by_text("Sent,")).to_be_visible()
    assert [body for body in sent if "For all of you" in body]
    assert not [body for body in sent if "For nobody else" in body]

    _open(page, "/check-ins")
    page.get_by_role("link", name="Yesterday").click()
    expect(page.get_by_text("For nobody else")).to_be_visible()
