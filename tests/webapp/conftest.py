"""The phone app in a real browser, against the real processes on this worker's database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.clients.ana import BORN, Ana, admitted
from tests.clients.ana import ana as ana  # noqa: PLC0414  (a fixture)
from tests.webapp.phones import opened
from tools.local.stack import Stack
from tools.webapp.browser_phone import BrowserPhone

OpenPhone = Callable[..., BrowserPhone]


@pytest.fixture
def stack(served: Stack) -> Stack:
    """No other process is needed."""
    return served


@pytest.fixture
def open_phone(browser: Browser, stack: Stack) -> Iterator[OpenPhone]:
    """Opens phones: `open_phone(locale="es-US")`. What a browser complains of fails the test."""
    with ExitStack() as phones:

        def open_one(**options: Any) -> BrowserPhone:
            return phones.enter_context(opened(browser, stack, **options))

        yield open_one


@pytest.fixture
def anas_phone(open_phone: OpenPhone, ana: Ana) -> BrowserPhone:
    """Ana has entered her code, and chosen that nothing but her phone protects the app."""
    phone = open_phone()
    phone.enrol(ana.code, BORN)
    return phone


@pytest.fixture
def ben(ana: Ana) -> Ana:
    """A patient whose language is Spanish."""
    facts = {"given_name": "Ben", "email": "ben@example.org", "locale": "es"}
    return admitted(ana.dana, ana.stack, **facts)


@pytest.fixture
def bens_phone(open_phone: OpenPhone, ben: Ana) -> BrowserPhone:
    """The same in Spanish."""
    phone = open_phone(locale="es-US")
    phone.enrol(ben.code, BORN)
    return phone
