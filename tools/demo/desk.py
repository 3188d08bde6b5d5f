"""A member of staff at the console, in a headless browser, who works by what the page says."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tools.demo.product import Product
from tools.demo.staff import Staff
from tools.demo.waiting import PATIENCE
from tools.demo.window import Window


class Desk(Staff):
    """What the console has no page for, and what is only looked up, goes through the API."""

    def __init__(self, name: str, email: str, product: Product) -> None:
        super().__init__(name, email, product)
        self._window = Window(name)
        self._page: Page | None = None

    async def sign_in(self) -> None:
        """The whole way in: a code by e-mail, then one from the authenticator app."""
        earlier = self.product.letters(self.email)
        await self._window.do(self._start)
        await self._answer("Work email", self.email, "Send me a code")
        code = await self.product.mailed_code(self.email, earlier)
        await self._answer("Code", code, "Go on")
        await self._answer("Six digits", await self._fresh_code(), "Confirm")
        await self.reads("My day")

    async def go(self, path: str) -> None:
        """Open this address, as from a bookmark."""
        await self._window.do(lambda: self.page.goto(path))

    async def choose(self, name: str) -> None:
        """Click this entry of the menu."""
        menu = self.page.get_by_role("navigation").get_by_role("link", name=name, exact=True)
        await self._window.do(menu.click)

    async def tap(self, name: str) -> None:
        await self._window.do(lambda: self._named(name).click())

    async def tick(self, name: str) -> None:
        box = self.page.get_by_role("checkbox", name=name)
        await self._window.do(box.check)

    async def fill(self, label: str, text: str) -> None:
        await self._window.do(self.page.get_by_label(label).fill, text)

    async def reads(self, text: str) -> None:
        """Wait until the page shows this text."""
        shown = self.page.get_by_role("main").get_by_text(text).first
        await self._window.do(lambda: expect(shown).to_be_visible())

    async def does_not_read(self, text: str) -> None:
        """The page does not show this text now."""
        await self._window.do(lambda: expect(self.page.get_by_text(text)).to_have_count(0))

    async def close(self) -> None:
        await self._window.close()
        await super().close()

    @property
    def page(self) -> Page:
        if self._page is None:
            raise LookupError(f"{self.name} has not signed in at the console")
        return self._page

    def _start(self) -> None:
        context = self._window.opened(base_url=self.product.system.console, locale="en-US")
        context.set_default_timeout(PATIENCE * 1000)
        self._page = context.new_page()
        self._page.goto("/")

    async def _answer(self, label: str, text: str, button: str) -> None:
        await self.fill(label, text)
        await self.tap(button)

    def _named(self, name: str) -> Locator:
        """The button or the link on the page whose name begins so. Names of repeated ones have a
        part for screen readers, as in "Here: Ana Reyes"."""
        begins = re.compile("^" + re.escape(name).replace(":", r"\s?:"))
        main = self.page.get_by_role("main")
        return main.get_by_role("button", name=begins).or_(main.get_by_role("link", name=begins))
