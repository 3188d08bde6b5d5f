"""Dana's group on a phone. `group` is a fixture."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from uuid_utils.compat import uuid7

from tests.cast import act
from tests.cast.groups import joining
from tests.cast.programme import NORTHLIGHT
from tests.cast.reading import bodies
from tests.cast.texts import acknowledge, load_wordings
from tests.clients.ana import Ana
from tests.webapp.browser_phone import BrowserPhone

NAME = "Evening group"


@pytest.fixture
def group(ana: Ana) -> UUID:
    """Dana's group. Ana is in it, as Heron."""
    load_wordings()
    acknowledge(ana.user)
    now, group = timezone.now(), uuid7()
    facts = {"id": group, "programme": NORTHLIGHT, "name": NAME, "alias": "Dana"}
    act(ana.dana, "groups.create", now=now, **facts)
    invited = act(ana.dana, "groups.invite_member", now=now, group=group, record=ana.record)
    invitation = str(invited.data["group_invitation"])
    act(ana.user, "groups.join", now=now, **joining(invitation, "Heron"))
    return group


def said_by_dana(ana: Ana, group: UUID, text: str) -> None:
    facts = {"id": uuid7(), "group": group, "text": text}
    act(ana.dana, "groups.post_message", now=timezone.now(), **facts)


def open_thread(phone: BrowserPhone) -> None:
    phone.go("people")
    phone.tap(NAME)
    expect(phone.page.get_by_role("textbox")).to_be_visible()


def write(phone: BrowserPhone, text: str) -> None:
    phone.page.get_by_role("textbox").fill(text)
    phone.tap("Send")


def texts(ana: Ana) -> list[str]:
    """What the server has, in Ana's group."""
    return [message["text"] for message in bodies(ana.user, "message")]
