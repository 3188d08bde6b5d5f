"""A headless browser of one player."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from playwright.sync_api import BrowserContext, Error, Playwright, sync_playwright

from tools.demo.waiting import NotSeen
from tools.webapp import chromium


class Window:
    """It is driven by one thread of its own."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._playwright: Playwright | None = None

    async def do(self, what: Callable[..., Any], *arguments: Any) -> None:
        """Raises NotSeen for what the page does not show in time."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, partial(what, *arguments))
        except (Error, AssertionError, TimeoutError) as failure:
            raise NotSeen(f"{self.owner}: {failure}") from failure

    def opened(self, **options: Any) -> BrowserContext:
        """Start the browser, on its thread. `options`: as Playwright has."""
        self._playwright = sync_playwright().start()
        return chromium.launched(self._playwright).new_context(**options)

    async def close(self) -> None:
        if self._playwright:
            await self.do(self._playwright.stop)
        self._thread.shutdown()
