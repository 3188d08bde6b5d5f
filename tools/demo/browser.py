"""A player's phone with the phone app itself, in a headless browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from playwright.sync_api import Error, Playwright, expect, sync_playwright

from tools.demo.product import Product
from tools.demo.waiting import NotSeen
from tools.webapp import chromium
from tools.webapp.browser_phone import USUAL, BrowserPhone


class Browser:
    """The browser is driven by one thread of its own."""

    def __init__(self, name: str, email: str, product: Product) -> None:
        self.name, self.email, self.product = name, email, product
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._playwright: Playwright | None = None
        self._phone: BrowserPhone | None = None

    async def enrol(self, code: str, date_of_birth: str) -> None:
        """Open the link with the code, and go to Today."""
        await self._do(self._start)
        await self._do(self.phone.enrol, code, date_of_birth)
        await self._do(self.phone.begin)
        await self._do(self.phone.keeps_the_app)

    async def tap(self, name: str) -> None:
        await self._do(self.phone.tap, name)

    async def reads(self, text: str) -> None:
        """Wait until the page shows this text."""
        await self._do(self.phone.says, text)

    async def does_not_read(self, text: str) -> None:
        """The page does not show this text now."""
        await self._do(lambda: expect(self.phone.page.get_by_text(text)).to_have_count(0))

    async def offline(self) -> None:
        await self._do(self.phone.offline)

    async def online(self) -> None:
        await self._do(self.phone.offline, False)

    async def close(self) -> None:
        await self._do(self._stop)
        self._thread.shutdown()

    @property
    def phone(self) -> BrowserPhone:
        if self._phone is None:
            raise LookupError(f"{self.name} has not enrolled")
        return self._phone

    async def _do(self, what: Callable[..., Any], *arguments: Any) -> None:
        """Raises NotSeen for what the page does not show in time."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, partial(what, *arguments))
        except (Error, AssertionError, TimeoutError) as failure:
            raise NotSeen(f"{self.name}: {failure}") from failure

    def _start(self) -> None:
        self._playwright = sync_playwright().start()
        browser = chromium.launched(self._playwright)
        self._phone = BrowserPhone(browser.new_context(**USUAL), self.product.system.app)

    def _stop(self) -> None:
        if self._playwright:
            self._playwright.stop()
