"""The console in a real browser, against the real processes on this worker's database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, ConsoleMessage, Page

from recovery.console.cookies import SESSION
from recovery.signin.models import User
from tests.cast import sign_in
from tests.clients.ana import Ana
from tests.clients.ana import ana as ana  # noqa: PLC0414  (a fixture)
from tools.local.stack import Stack

OpenDesk = Callable[..., Page]
# What a browser says by itself when an answer is no success or nobody listens, as in many stories.
USUAL = ("Failed to load resource", "WebSocket connection to", "htmx: htmx:error: ")


@pytest.fixture
def stack(served: Stack) -> Stack:
    """No other process is needed."""
    return served


@pytest.fixture
def open_desk(browser: Browser, ana: Ana) -> Iterator[OpenDesk]:
    """Opens the console: `open_desk(path, user=…, width=360)`. The user is Dana, who cares for Ana,
    unless it says otherwise. What the browser complains of fails the test."""
    with ExitStack() as desks:

        def open_one(path: str = "/", user: User | None = None, **options: Any) -> Page:
            return desks.enter_context(desk(browser, ana.stack, user or ana.dana, path, **options))

        yield open_one


@contextmanager
def desk(
    browser: Browser, stack: Stack, user: User, path: str, *, width: int = 1280, **options: Any
) -> Iterator[Page]:
    home = stack.console.rstrip("/")
    context = browser.new_context(
        base_url=home, viewport={"width": width, "height": 800}, locale="en-US", **options
    )
    tokens = sign_in(user, now=timezone.now(), platform="web")
    context.add_cookies([cookie(home, tokens["access_token"])])
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def listen(line: ConsoleMessage) -> None:
        if line.type == "error":
            complaints.append(line.text)

    page.on("console", listen)
    page.goto(path)
    yield page
    context.close()
    assert [text for text in complaints if not text.startswith(USUAL)] == []


def cookie(home: str, token: str) -> Any:
    """The cookie of a session, as Playwright takes it: a secure one of a host with TLS."""
    place = {"url": home.replace("http:", "https:"), "secure": True, "httpOnly": True}
    return {"name": SESSION, "value": token, "sameSite": "Strict", **place}
