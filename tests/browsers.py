"""A headless browser for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tools.webapp import chromium


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Its event loop runs in the test's own thread while it lives. So no coroutine's test may
    come before its end, and Django believes that it is called by a coroutine."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = chromium.launched(playwright)
    yield browser
    browser.close()
