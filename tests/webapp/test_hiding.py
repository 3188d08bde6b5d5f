"""In a home where others look at this phone: hidden mode, and another name on the home screen."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from playwright.sync_api import expect

from recovery.webapp.built import index
from tests.clients.ana import BORN, Ana
from tests.webapp.conftest import OpenPhone
from tests.webapp.evening_group import group as group  # noqa: PLC0414  (a fixture)
from tests.webapp.evening_group import said_by_dana
from tools.webapp.browser_phone import BrowserPhone
from tools.webapp.owner import WORDS

pytestmark = pytest.mark.soak


def test_hidden_mode_closes_the_app_whenever_i_leave_it(
    ana: Ana, group: UUID, open_phone: OpenPhone
) -> None:
    said_by_dana(ana, group, "How was the bus?")
    phone = open_phone()
    phone.enter(ana.code, BORN)
    phone.use_words(WORDS)
    phone.begin()
    phone.says("Dana wrote to you")
    phone.keeps_the_app()
    phone.offline()
    phone.tap("Me", exact=True)
    phone.tap("Lock and hide")
    phone.page.get_by_role("switch", name="Hidden mode").tap()

    phone.tap("Me", exact=True)
    phone.tap("Today", exact=True)
    phone.says("Someone wrote to you")
    expect(phone.page.get_by_text("Dana")).to_have_count(0)
    phone.tap("People")
    phone.title("People")
    for words in ("Evening group", "How was the bus?"):
        expect(phone.page.get_by_text(words)).to_have_count(0)
    # Where the thumb is, too.
    tabs = phone.page.get_by_role("navigation", name="Sections")
    expect(tabs.get_by_role("button", name="Hide")).to_be_visible()

    phone.in_front(False)
    phone.sees("Open again")
    expect(phone.page).to_have_title("\u00a0")
    phone.in_front()
    expect(phone.page.locator("#app")).to_have_text("Nothing is shown")
    phone.tap("Open again")
    phone.title("Closed")
    phone.open_with(WORDS)
    phone.says("Someone wrote to you")
    # It stays so after the app was closed.
    phone.go("me/hiding")
    phone.open_with(WORDS)
    expect(phone.page.get_by_role("switch", name="Hidden mode")).to_be_checked()


def test_i_choose_what_the_app_is_called_on_my_phone(open_phone: OpenPhone) -> None:
    phone = open_phone(locale="es-US")
    phone.go("install")
    assert on_home_screen(phone) == home_screen("notes")
    phone.pick("Mi día")
    assert on_home_screen(phone) == home_screen("day")
    phone.go()
    phone.says("Mi día")
    assert on_home_screen(phone) == home_screen("day")
    phone.go("install")
    phone.pick("Notas")
    assert on_home_screen(phone) == home_screen("notes")
    # What an iPhone would take before the manifest's icons.
    expect(phone.page.locator("link[rel^=apple-touch-icon]")).to_have_count(0)


def home_screen(name: str) -> tuple[str, set[str]]:
    """The name in Spanish, and the files of its icons."""
    chosen = index()["names"][name]
    return chosen["es"], {file for size, file in chosen["icons"].items() if size.isdigit()}


def on_home_screen(phone: BrowserPhone) -> tuple[str, set[str]]:
    """As the browser would install it now."""
    browser = phone.context.new_cdp_session(phone.page)
    manifest = json.loads(browser.send("Page.getAppManifest")["data"])
    return manifest["name"], {icon["src"].rpartition("/")[2] for icon in manifest["icons"]}
