"""The frame around every page, in a browser: live or not, signed out under one's hands, and in."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from recovery.signin.models import DeviceSession, User
from tests.clients.ana import Ana
from tests.console.conftest import OpenDesk
from tests.console.way_in import set_up_second_step, sign_in_again
from tests.roles import as_role


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


def test_who_has_to_confirm_comes_back_to_what_they_typed(open_desk: OpenDesk, ana: Ana) -> None:
    User.objects.filter(id=ana.dana.id).update(email="dana@example.org")
    page = open_desk()
    on_paper = set_up_second_step(page)
    page.goto("/account")
    page.get_by_label("Code from that email").fill("half typed")
    page.get_by_label("Work email").fill("new@example.org")
    let_time_pass(ana)

    page.get_by_role("button", name="Send a code there").click()
    expect(page.get_by_text("First confirm that it is you.")).to_be_visible()
    page.locator("#outcome").get_by_role("link", name="Confirm").click()
    over = page.get_by_role("dialog", name="Confirm that it is you")
    over.get_by_role("button", name="Not now").click()
    expect(over).to_be_hidden()
    page.locator("#outcome").get_by_role("link", name="Confirm").click()
    over.get_by_label("Six digits").fill("000000")
    over.get_by_role("button", name="Confirm").click()
    expect(over.locator("#door-code-wrong")).to_be_visible()
    over.get_by_label("Six digits").fill(on_paper)
    over.get_by_role("button", name="Confirm").click()
    expect(over).to_be_hidden()
    expect(page.locator("#proved")).to_be_focused()
    expect(page.get_by_text("First confirm that it is you.")).to_be_hidden()
    assert page.url.endswith("/account")
    with page.expect_response("**/account"):
        page.locator("#main").dispatch_event("changed")
    live(page)
    expect(page.get_by_label("Work email")).to_have_value("new@example.org")
    expect(page.get_by_label("Code from that email")).to_have_value("half typed")

    page.get_by_role("button", name="Send a code there").click()
    expect(page.get_by_text("A code is on its way to new@example.org.")).to_be_visible()
    expect(page.locator("#proved")).to_be_hidden()


def let_time_pass(ana: Ana) -> None:
    """The last second step of everybody is six minutes ago."""
    with as_role("jobs"):
        DeviceSession.objects.filter(scope_id=ana.dana.id).update(
            auth_time=timezone.now() - timedelta(minutes=6)
        )
