"""A player's phone with the phone app itself, in a headless browser."""

from __future__ import annotations

from playwright.sync_api import expect

from tools.demo.product import Product
from tools.demo.window import Window
from tools.webapp.browser_phone import USUAL, BrowserPhone


class Browser:
    def __init__(self, name: str, email: str, product: Product) -> None:
        self.name, self.email, self.product = name, email, product
        self._window = Window(name)
        self._phone: BrowserPhone | None = None

    async def enrol(self, code: str, date_of_birth: str) -> None:
        """Open the link with the code, and go to Today."""
        await self._window.do(self._start)
        await self._window.do(self.phone.enrol, code, date_of_birth)
        await self._window.do(self.phone.begin)
        await self._window.do(self.phone.keeps_the_app)

    async def tap(self, name: str) -> None:
        await self._window.do(self.phone.tap, name)

    async def reads(self, text: str) -> None:
        """Wait until the page shows this text."""
        await self._window.do(self.phone.says, text)

    async def does_not_read(self, text: str) -> None:
        """The page does not show this text now."""
        await self._window.do(lambda: expect(self.phone.page.get_by_text(text)).to_have_count(0))

    async def offline(self) -> None:
        await self._window.do(self.phone.offline)

    async def online(self) -> None:
        await self._window.do(self.phone.offline, False)

    async def close(self) -> None:
        await self._window.close()

    @property
    def phone(self) -> BrowserPhone:
        if self._phone is None:
            raise LookupError(f"{self.name} has not enrolled")
        return self._phone

    def _start(self) -> None:
        self._phone = BrowserPhone(self._window.opened(**USUAL), self.product.system.app)
