"""The app without a network: its own files, and what is on the phone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Playwright, expect

from tests.clients.ana import BORN, Ana, moods_sent
from tests.webapp.evening_group import group as group  # noqa: PLC0414  (a fixture)
from tests.webapp.evening_group import open_thread, said_by_dana, to_thread, write
from tests.webapp.phones import installed, kill
from tools.webapp.browser_phone import ZONE, BrowserPhone


def test_i_check_in_with_no_signal_and_my_phone_dies_before_it_is_sent(
    ana: Ana, playwright: Playwright, tmp_path: Path
) -> None:
    with installed(playwright, ana.stack, tmp_path) as phone:
        phone.enrol(ana.code, BORN)
        phone.begin()
        phone.keeps_the_app()
    with installed(playwright, ana.stack, tmp_path) as phone:
        phone.offline()
        phone.go()
        phone.tap("Start")
        phone.check_in("Low")
        phone.says("Saved on this phone.")
        kill(tmp_path)
    assert moods_sent(ana) == []
    with installed(playwright, ana.stack, tmp_path) as phone:
        phone.offline()
        phone.go()
        phone.says("No connection. 1 thing saved here.")
        phone.go("me/waiting")
        phone.says("Check-in for ")
        assert moods_sent(ana) == []
        phone.offline(False)
        phone.says("Sent, ")
        assert moods_sent(ana) == [2]


@pytest.mark.soak
def test_help_needs_no_signal(anas_phone: BrowserPhone) -> None:
    anas_phone.title("What we will never do")
    anas_phone.keeps_the_app()
    anas_phone.offline()
    anas_phone.page.reload()
    anas_phone.tap("Help")
    anas_phone.title("Help")
    for number in ("tel:988", "tel:911", "sms:988"):
        expect(anas_phone.page.locator(f'a[href="{number}"]').first).to_be_visible()


@pytest.mark.soak
def test_the_licenses_need_no_signal_after_the_first_visit(anas_phone: BrowserPhone) -> None:
    anas_phone.begin()
    anas_phone.keeps_the_app()
    page = anas_phone.page
    path = "/static/webapp/licenses.txt"
    kept = f"caches.match('{path}').then(Boolean)"
    assert not page.evaluate(kept)
    page.reload()
    anas_phone.until(lambda: page.evaluate(kept))
    anas_phone.offline()
    anas_phone.go(path)
    anas_phone.says("Permission is hereby granted")


@pytest.mark.soak
def test_i_read_what_was_said_yesterday_with_no_signal(
    ana: Ana, group: UUID, playwright: Playwright, tmp_path: Path
) -> None:
    written = timezone.now()
    said_by_dana(ana, group, "The room is upstairs today", at=written)
    with installed(playwright, ana.stack, tmp_path) as phone:
        phone.enrol(ana.code, BORN)
        phone.begin()
        phone.keeps_the_app()
        to_thread(phone)
        phone.says("The room is upstairs today")
    with installed(playwright, ana.stack, tmp_path) as phone:
        phone.offline()
        phone.page.clock.set_fixed_time(written + timedelta(days=1))
        open_thread(phone)
        phone.says("The room is upstairs today")
        phone.says(f"{written.astimezone(ZoneInfo(ZONE)):%A, %B %-d}")
        expect(phone.page.get_by_text("Today", exact=True)).to_have_count(0)
        phone.says("As of")
        write(phone, "I was there")
        phone.says("Waiting to send")
        expect(phone.page.get_by_text("Today", exact=True)).to_be_visible()


@pytest.mark.soak
def test_i_choose_my_language_with_no_signal(
    ana: Ana, group: UUID, playwright: Playwright, tmp_path: Path
) -> None:
    with installed(playwright, ana.stack, tmp_path) as phone:
        phone.enrol(ana.code, BORN)
        phone.begin()
        phone.keeps_the_app()
    with installed(playwright, ana.stack, tmp_path) as phone:
        phone.offline()
        phone.go("me/display")
        phone.pick("Español")
        phone.title("Idioma y aspecto")
        speaks_spanish(phone)
    with installed(playwright, ana.stack, tmp_path) as phone:
        phone.offline()
        phone.go("me/display")
        phone.title("Idioma y aspecto")
        speaks_spanish(phone)
        phone.go("me/display")
        phone.pick("English")
        phone.title("Language and look")
        expect(phone.page.locator("html")).to_have_attribute("lang", "en")


def speaks_spanish(phone: BrowserPhone) -> None:
    """On the pages of every area, each of which has its own words."""
    expect(phone.page.locator("html")).to_have_attribute("lang", "es")
    phone.go("me")
    phone.says("Esta app")
    for tab, words in (
        ("Gente", "Grupos"),
        ("Práctica", "Para este momento"),
        ("Ayuda", "Estas líneas siempre están abiertas"),
        ("Hoy", "Sin conexión"),
    ):
        phone.tap(tab)
        phone.says(words)
