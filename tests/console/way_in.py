"""The way in, in a browser: setting up the second step, and coming in again over a page."""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect

from recovery.signin.models import User
from tests.signin.ceremony import mailed_code
from tools.demo.staff import totp


def set_up_second_step(page: Page) -> str:
    """Set it up on a new page. One of the codes on paper."""
    page.goto("/second-factor")
    page.get_by_text("I cannot scan it").click()
    secret = page.locator(".large-code").inner_text()
    page.get_by_label("The six digits").fill(totp(secret, int(time.time()) // 30))
    page.get_by_role("button", name="Confirm").click()
    on_paper = page.get_by_role("listitem").first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    return on_paper


def sign_in_again(page: Page, user: User, address: str, on_paper: str) -> None:
    """Over a page whose session has ended, with a mailed code and one on paper."""
    over = page.get_by_role("dialog", name="Sign in again")
    over.get_by_label("Work email").fill(address)
    over.get_by_role("button", name="Send me a code").click()
    expect(over.get_by_label("Code")).to_be_visible()
    over.get_by_label("Code").fill(mailed_code(user.id))
    over.get_by_role("button", name="Go on").click()
    over.get_by_label("Six digits").fill(on_paper)
    over.get_by_role("button", name="Confirm").click()
    expect(over).to_be_hidden()
