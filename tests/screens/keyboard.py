"""A person with a keyboard and nothing else."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, Request, expect

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


class Keyboard:
    """Fails where the focus is lost between two things that the person does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.is_new = True  # a browser begins a page without a focus
        page.on("request", self._go)

    def _go(self, request: Request) -> None:
        if request.is_navigation_request():
            self.is_new = True

    def use(self, target: Locator) -> None:
        """Press a button, follow a link."""
        self.reach(target)
        self.page.keyboard.press("Enter" if target.evaluate(IS_LINK) else "Space")

    def write(self, field: Locator, text: str) -> None:
        self.reach(field)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def pick(self, target: Locator) -> None:
        """Choose an answer."""
        self.reach(target)
        self._press("ArrowDown", target, IS_FOCUSED)
        if not target.is_checked():
            self.page.keyboard.press("Space")
        expect(target).to_be_checked()

    def reach(self, target: Locator) -> None:
        """Go there, and no further."""
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
