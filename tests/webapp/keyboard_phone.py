"""A phone whose owner has a keyboard and nothing else."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tools.webapp.browser_phone import BrowserPhone

MOST_STEPS = 80
WAY = """(target) =>
  document.activeElement.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING
    ? 'Shift+Tab' : 'Tab'"""
# Tab leads to one answer of a question, and arrows to the others.
IS_THERE = """(target) => {
  const here = document.activeElement
  return here === target || (here.type === 'radio' && here.name === target.name)
}"""
IS_FOCUSED = "(target) => target === document.activeElement"
IS_LINK = "(target) => target.matches('a')"


class KeyboardPhone(BrowserPhone):
    """Fails where the focus is lost between two things that its owner does."""

    is_new = True  # a browser begins a page without a focus

    def go(self, path: str = "") -> None:
        super().go(path)
        self.is_new = True

    def tap(self, name: str, *, exact: bool = False) -> None:
        target = self._named(name, exact=exact).first
        self._reach(target)
        self.page.keyboard.press("Enter" if target.evaluate(IS_LINK) else "Space")

    def unfold(self, label: str) -> None:
        """Open the menu of this name."""
        self._reach(self.page.get_by_label(label, exact=True))
        self.page.keyboard.press("Enter")

    def reach(self, name: str) -> None:
        """Go to a button or a link, and no further."""
        self._reach(self._named(name).first)

    def fill(self, label: str, text: str) -> None:
        self.write(self.page.get_by_label(label, exact=True), text)

    def write(self, field: Locator, text: str) -> None:
        self._reach(field)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def pick(self, label: str, *, exact: bool = False) -> None:
        target = self.page.get_by_label(label, exact=exact)
        self._reach(target)
        self._press("ArrowDown", target, IS_FOCUSED)
        if not target.is_checked():
            self.page.keyboard.press("Space")
        expect(target).to_be_checked()

    def _reach(self, target: Locator) -> None:
        expect(target).to_be_attached()
        if not self.is_new:
            expect(self.page.locator(":focus"), "the focus is lost").to_have_count(1)
        self.is_new = False
        self._press(target.evaluate(WAY), target, IS_THERE)

    def _press(self, key: str, target: Locator, until: str) -> None:
        for _ in range(MOST_STEPS):
            if target.evaluate(until):
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"{key} does not lead to {target}")
