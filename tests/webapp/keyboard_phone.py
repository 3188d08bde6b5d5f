"""A phone whose owner has a keyboard and nothing else."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator

from tests.screens.keyboard import Keyboard
from tools.webapp.browser_phone import BrowserPhone


class KeyboardPhone(BrowserPhone):
    """Fails where the focus is lost between two things that its owner does."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.keyboard = Keyboard(self.page)

    def go(self, path: str = "") -> None:
        super().go(path)
        self.keyboard = Keyboard(self.page)

    def tap(self, name: str, *, exact: bool = False) -> None:
        self.keyboard.use(self._named(name, exact=exact).first)

    def unfold(self, label: str) -> None:
        """Open the menu of this name."""
        self.keyboard.reach(self.page.get_by_label(label, exact=True))
        self.page.keyboard.press("Enter")

    def reach(self, name: str) -> None:
        """Go to a button or a link, and no further."""
        self.keyboard.reach(self._named(name).first)

    def fill(self, label: str, text: str) -> None:
        self.write(self.page.get_by_label(label, exact=True), text)

    def write(self, field: Locator, text: str) -> None:
        self.keyboard.write(field, text)

    def pick(self, label: str, *, exact: bool = False) -> None:
        self.keyboard.pick(self.page.get_by_label(label, exact=exact))
