"""Dana's group on a phone. `group` is a fixture."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from uuid_utils.compat import uuid7

from tests.cast import act
from tests.cast.reading import bodies
from tests.clients.ana import GROUP, Ana, confirm_notice, join_group
from tools.webapp.browser_phone import BrowserPhone


@pytest.fixture
def group(ana: Ana) -> UUID:
    """Ana is in it, as Heron."""
    confirm_notice(ana)
    return join_group(ana)


def said_by_dana(ana: Ana, group: UUID, text: str, *, at: datetime | None = None) -> None:
    facts = {"id": uuid7(), "group": group, "text": text}
    act(ana.dana, "groups.post_message", now=at or timezone.now(), **facts)


def open_thread(phone: BrowserPhone) -> None:
    """From a new start of the app."""
    phone.go("people")
    phone.tap(GROUP)
    expect(phone.page.get_by_role("textbox")).to_be_visible()


def to_thread(phone: BrowserPhone) -> None:
    """By links: a new start would close a locked app, and begin another connection."""
    phone.page.locator("nav.tabs a[href='/people']").tap()
    phone.tap(GROUP)
    expect(phone.page.get_by_role("textbox")).to_be_visible()


def write(phone: BrowserPhone, text: str) -> None:
    phone.page.get_by_role("textbox").fill(text)
    phone.tap("Send")


def texts(ana: Ana) -> list[str]:
    """What the server has, in Ana's group."""
    return [message["text"] for message in bodies(ana.user, "message")]
