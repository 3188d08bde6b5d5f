"""A code that does not open the app, and another phone of the same person."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.cast import ADMISSION, act
from tests.clients.ana import BORN, GROUP, Ana
from tests.webapp.conftest import OpenPhone
from tests.webapp.evening_group import group as group  # noqa: PLC0414  (a fixture)
from tests.webapp.evening_group import open_thread, write
from tests.webapp.phones import come_in_by_email
from tools.webapp.browser_phone import BrowserPhone

pytestmark = pytest.mark.soak

NO_CODE = "7QMX-2RTA-9WPF"


def is_refused(phone: BrowserPhone) -> None:
    """The same words for every code that does not work, and a way on."""
    phone.says("That code did not work. Check it, or ask for a new one.")
    phone.says("The people who gave it to you can make a new one.")
    expect(phone.page.get_by_label("Code", exact=True)).to_be_focused()


def test_i_mistyped_my_code(ana: Ana, open_phone: OpenPhone) -> None:
    phone = open_phone()
    phone.enter(NO_CODE, BORN)
    is_refused(phone)
    phone.fill("Code", ana.code.lower().replace("-", " "))
    phone.tap("Open", exact=True)
    phone.title("How should this app open?")


def test_my_code_is_too_old_and_a_new_one_opens_the_app(ana: Ana, open_phone: OpenPhone) -> None:
    then = timezone.now() - timedelta(hours=73)
    admission = ADMISSION | {"given_name": "Elm", "email": "elm@example.org"}
    admitted = act(ana.dana, "care.admit_patient", now=then, **admission)
    phone = open_phone()
    phone.enter(admitted.once["code"], BORN)
    is_refused(phone)
    invitation = admitted.data["invitation"]
    renewed = act(
        ana.dana,
        "people.renew_invitation",
        now=timezone.now(),
        invitation=invitation,
        by_email=False,
    )
    phone.fill("Code", renewed.once["code"])
    phone.tap("Open", exact=True)
    phone.title("How should this app open?")


def test_my_code_is_used_up_and_my_email_lets_me_in_on_a_second_phone(
    ana: Ana, group: UUID, anas_phone: BrowserPhone, open_phone: OpenPhone
) -> None:
    first, second = anas_phone, open_phone()
    first.begin()
    open_thread(first)
    write(first, "From the first phone")
    first.says("Sent, ")

    second.enter(ana.code, BORN)
    is_refused(second)
    come_in_by_email(second, ana)
    second.begin()
    open_thread(second)
    second.says("From the first phone")
    write(second, "From the second phone")
    first.says("From the second phone")

    first.tap(GROUP)
    first.tap("Me", exact=True)
    first.says("This one, and 1 more")
