"""The app without a network: its own files, and what is on the phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import transaction
from playwright.sync_api import Playwright, expect

from recovery.feed.context import set_actor
from recovery.practice.models import CheckIn
from tests.clients.ana import BORN, Ana
from tests.webapp.browser_phone import BrowserPhone, installed, kill


def moods(ana: Ana) -> list[int | None]:
    """What the server has of Ana's check-ins."""
    with transaction.atomic():
        set_actor(ana.user.id)
        return [each.mood for each in CheckIn.objects.in_scope(ana.record)]


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
    assert moods(ana) == []
    with installed(playwright, ana.stack, tmp_path) as phone:
        phone.offline()
        phone.go()
        phone.says("No connection. 1 thing saved here.")
        phone.go("me/waiting")
        phone.says("Check-in for ")
        assert moods(ana) == []
        phone.offline(False)
        phone.says("Sent, ")
        assert moods(ana) == [2]


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
    for _ in range(100):
        if page.evaluate(kept):
            break
        page.wait_for_timeout(50)
    anas_phone.offline()
    anas_phone.go(path)
    anas_phone.says("Permission is hereby granted")
