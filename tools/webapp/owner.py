"""What the owner of a phone does with the app, in any browser."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

WORDS = "lake violin seventh carpet"
# The way in, as a phone in Spanish says it.
SPANISH = {
    "Year": "Año",
    "Month": "Mes",
    "Day": "Día",
    "Open": "Abrir",
    "With my phone only": "Solo con mi teléfono",
    "Use my phone only": "Usar solo mi teléfono",
    "Go to Today": "Ir a Hoy",
    "People": "Gente",
}


class Owner(ABC):
    """`name` and `label` are the visible words, or a part of them unless `exact`."""

    language = "en"

    def _said(self, english: str) -> str:
        return SPANISH[english] if self.language == "es" else english

    @abstractmethod
    def go(self, path: str = "") -> None:
        """Open a page by its address, as a new start of the app."""

    @abstractmethod
    def path(self) -> str:
        """The path of the page that is shown."""

    @abstractmethod
    def arrives(self, fits: Callable[[str], bool]) -> None:
        """Wait until the path of the page fits."""

    @abstractmethod
    def says(self, text: str) -> object:
        """Wait until the page shows this text."""

    @abstractmethod
    def sees(self, name: str) -> None:
        """Wait until there is a button or a link of this name."""

    @abstractmethod
    def tap(self, name: str, *, exact: bool = False) -> None:
        """Tap the button or the link of this name."""

    @abstractmethod
    def fill(self, label: str, text: str) -> None:
        """Type into the field that has exactly this label."""

    @abstractmethod
    def pick(self, label: str, *, exact: bool = False) -> None:
        """Choose an answer."""

    def enter(self, code: str, born: str) -> None:
        """Open the link with the code, and say the date of birth."""
        self.go(f"#code={code}")
        self.say_born(born)
        self.tap(self._said("Open"), exact=True)

    def say_born(self, born: str) -> None:
        for label, number in zip(("Year", "Month", "Day"), born.split("-"), strict=True):
            self.fill(self._said(label), number)

    def enrol(self, code: str, born: str) -> None:
        """Come in, and leave the phone unlocked."""
        self.enter(code, born)
        self.use_phone_only()

    def use_phone_only(self) -> None:
        self.pick(self._said("With my phone only"))
        self.tap(self._said("Use my phone only"))

    def use_words(self, words: str) -> None:
        """Choose four words on the page of the lock."""
        self.pick("Four words only you know")
        self.tap("Use four words")
        for label in ("Four words", "The same four words again"):
            self.fill(label, words)
        self.tap("Use these words")

    def open_with(self, words: str) -> None:
        """Say the four words to the lock."""
        self.fill("Your four words", words)
        self.tap("Open", exact=True)

    def begin(self) -> None:
        """Put away the first pages."""
        self.tap(self._said("Go to Today"))
        self.sees(self._said("People"))

    def check_in(self, mood: str) -> None:
        """Answer only how I feel, and save."""
        self.arrives(lambda path: path.startswith("/check-in/") and not path.endswith("/start"))
        while not (here := self.path()).endswith("/last"):
            if here.endswith("/2"):  # how I feel
                self.pick(mood, exact=True)
                self.tap("Next", exact=True)
            else:
                self.tap("Skip", exact=True)
            self.arrives(lambda path, before=here: path != before)  # type: ignore[misc]
        self.tap("Save", exact=True)
        self.arrives(lambda path: path.endswith("/done"))
