"""Which sessions a level of care has, and what a change of level takes away, as pure functions.

A programme says so in the settings of each level: `sessions` lists the kinds that the level has.
Without the list it has all of them. A level without hours a week, as after the programme, has no
group, individual or family therapy then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from recovery.care.rules.hours import Chapter, chapter_on

THERAPY = ("group", "individual", "family")


def has(level: dict[str, Any] | None, kind: str) -> bool:
    """Whether the level has sessions of this kind.

    `level`: as in the programme's settings; None if they no longer list it.
    """
    if level is None:
        return True
    if level.get("sessions") is not None:
        return kind in level["sessions"]
    return bool(level["hours_per_week"]["max"]) or kind not in THERAPY


def has_at(settings: dict[str, Any], code: str, kind: str) -> bool:
    """Whether the level with this code has sessions of this kind."""
    return has({level["code"]: level for level in settings.get("levels", [])}.get(code), kind)


class Levels:
    """One person's levels of care over time. `chapters` have their `level`."""

    def __init__(self, settings: dict[str, Any], chapters: Iterable[Chapter]) -> None:
        self._settings = settings
        self._chapters = list(chapters)

    def take_away(self, kind: str, on: date) -> bool:
        """Whether sessions of this kind have ended, by that day, with a change of level: an earlier
        level had them, and the level of that day does not.

        What no earlier level had was booked on purpose, and stays.
        """
        now = chapter_on(self._chapters, on)
        if now is None or self._has(now, kind):
            return False
        before = [c for c in self._chapters if c.from_date <= now.from_date and c is not now]
        return any(self._has(c, kind) for c in before)

    def _has(self, chapter: Any, kind: str) -> bool:
        return has_at(self._settings, chapter.level.code, kind)
