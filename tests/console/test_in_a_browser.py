"""The frame around every page, in a browser: live or not, signed out under one's hands, and in."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from recovery.signin.models import User
from tests.clients.ana import Ana
from tests.console.conftest import OpenDesk
from tests.console.way_in import set_up_second_step, sign_in_again


def live(page: Page) -> None:
    expect(page.locator(".live:visible")).to_have_text("Live")


def test_a_page_says_whether_it_is_live(open_desk: OpenDesk, ana: Ana) -> None:
    page = open_desk()
    live(page)
    ana.stack.stop("live")
    expect(page.locator(".live:visible")).to_have_text("Not live. Checking every 30 s.")
    ana.stack.start("live")
    ana.stack.wait_until_ready()
    expect(page.locator(".live:visible")).to_have_text("Live", timeout=60_000)


def test_who_leaves_the_desk_finds_it_covered_and_goes_on_where_they_were(
    open_desk: OpenDesk, ana: Ana
) -> None:
    address = "dana@example.org"
    User.objects.filter(id=ana.dana.id).update(email=address)
    page = open_desk()
    on_paper = set_up_second_step(page)
    live(page)

    page.clock.install()
    page.reload()
    page.clock.run_for("00:15:40")
    over = page.get_by_role("dialog", name="Sign in again")
    expect(over).to_be_visible()
    expect(page.get_by_role("heading", name="My day")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(over).to_be_visible()

    sign_in_again(page, ana.dana, address, on_paper)
    expect(page.get_by_role("heading", name="My day")).to_be_visible()
