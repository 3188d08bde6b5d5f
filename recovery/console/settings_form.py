"""The settings of a programme as a form has them, and as the action expects them.

A field is named by its way into the settings: `quiet_hours.from`, or `helplines.crisis.number`,
where things that have a code are named by it. `new` is the row for one that is not there yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.http import QueryDict
from django.utils.text import slugify

from recovery.care.models.session import KINDS
from recovery.care.rules.levels import has
from recovery.people.rules import LOCALES

NEW = "new"
DIGITS = re.compile(r"-?[0-9]+(\.[0-9]+)?")
CODE_LENGTH = 40


class Typed:
    """What was typed. Its parts are those of the settings; what cannot be one stays as it is."""

    def __init__(self, post: QueryDict) -> None:
        self.post = post

    def text(self, name: str) -> str:
        return str(self.post.get(name, ""))

    def number(self, name: str) -> int | float | str:
        text = self.text(name).strip()
        if not DIGITS.fullmatch(text):
            return text
        return float(text) if "." in text else int(text)

    def words(self, name: str) -> dict[str, str]:
        texts = {locale: self.text(f"{name}.{locale}") for locale in LOCALES}
        return {locale: text for locale, text in texts.items() if text}

    def chosen(self, name: str, was: list[Any]) -> list[Any]:
        """The values that are ticked: those of before in their order, then the others."""
        ticked = self.post.getlist(name)
        return [each for each in was if each in ticked] + [x for x in ticked if x not in was]

    def rows(self, name: str) -> list[str]:
        """The keys of the rows of a list that are not to be removed, in the order asked for."""
        parts = [field.split(".", 2) for field in self.post]
        keys = dict.fromkeys(part[1] for part in parts if part[0] == name and len(part) == 3)
        kept = [key for key in keys if f"{name}.{key}.remove" not in self.post]
        return sorted(kept, key=lambda key: self._place(f"{name}.{key}.place"))

    def _place(self, name: str) -> float:
        place = self.number(name)
        return place if isinstance(place, int | float) else float("inf")


def read(name: str, typed: Typed, was: Any) -> Any:
    """The setting that was typed. `was`: as it was when the form was drawn."""
    return READERS[name](typed, name, was)


def _text(typed: Typed, name: str, was: Any) -> Any:
    return typed.text(name)


def _number(typed: Typed, name: str, was: Any) -> Any:
    return typed.number(name)


def _yes_or_no(typed: Typed, name: str, was: Any) -> Any:
    return typed.text(name) == "yes"


def _chosen(typed: Typed, name: str, was: Any) -> Any:
    return typed.chosen(name, was)


def _codes(typed: Typed, name: str, was: Any) -> Any:
    """Those ticked, and others as words of their own."""
    others = re.split(r"[\s,]+", typed.text(f"{name}.others").strip())
    return list(dict.fromkeys(typed.chosen(name, was) + [code for code in others if code]))


def _period(typed: Typed, name: str, was: Any = None) -> dict[str, Any]:
    return {end: typed.text(f"{name}.{end}") for end in ("from", "to")}


def _numbers(*parts: str) -> Callable[..., Any]:
    def numbers(typed: Typed, name: str, was: Any = None) -> dict[str, Any]:
        return {part: typed.number(f"{name}.{part}") for part in parts}

    return numbers


def _reminders(typed: Typed, name: str, was: Any) -> Any:
    minutes = [int(text) for text in typed.post.getlist(f"{name}.lead_minutes") if text.isdecimal()]
    # In the order of before, so that what has not changed is the same.
    before = [lead for lead in was["lead_minutes"] if lead in minutes]
    leads = before + sorted({*minutes} - {*before}, reverse=True)
    return {"lead_minutes": leads} | _numbers("urgent_within_hours")(typed, name)


def _staffed_hours(typed: Typed, name: str, was: Any) -> Any:
    def period(key: str) -> dict[str, Any]:
        at = f"{name}.{key}"
        return {"days": typed.chosen(f"{at}.days", []), **_period(typed, at)}

    rows = [(key, period(key)) for key in typed.rows(name)]
    return [row for key, row in rows if key != NEW or any(row.values())]


def _list(more: Callable[..., dict[str, Any]] | None = None, words: str = "name") -> Any:
    """A list of things with a code and words. `more`: what else one has, by the name of its row."""

    def rows(typed: Typed, name: str, was: Any) -> Any:
        before = {row["code"]: row for row in was}
        items: list[dict[str, Any]] = []
        for key in typed.rows(name):
            at = f"{name}.{key}"
            row: dict[str, Any] = {words: typed.words(f"{at}.{words}")}
            if key == NEW and not row[words]:
                continue
            taken = {*before, *(each["code"] for each in items)}
            row["code"] = code_of(row[words], taken) if key == NEW else key
            items.append(row | (more(typed, at, before.get(key, {})) if more else {}))
        return items

    return rows


def _track(typed: Typed, at: str, was: Any) -> dict[str, Any]:
    days = typed.chosen(f"{at}.days", was.get("days", []))
    return {"days": days, **_period(typed, at)}


def _helpline(typed: Typed, at: str, was: Any) -> dict[str, Any]:
    return {part: typed.text(f"{at}.{part}") for part in ("kind", "number", "hours")}


def _level(typed: Typed, at: str, was: Any) -> dict[str, Any]:
    asam = {"edition": typed.number(f"{at}.asam.edition"), "code": typed.text(f"{at}.asam.code")}
    level = {
        "asam": asam if any(asam.values()) else None,
        "offered": typed.text(f"{at}.offered") == "yes",
        "hours_per_week": _numbers("min", "target", "max")(typed, f"{at}.hours_per_week"),
        "days_per_week": _numbers("min", "max")(typed, f"{at}.days_per_week"),
    }
    kinds = typed.chosen(f"{at}.sessions", was.get("sessions", list(KINDS)))
    # A level that lists no kinds has the usual ones, and goes on so until others are ticked.
    if "sessions" in was or {*kinds} != {kind for kind in KINDS if has(level, kind)}:
        level["sessions"] = kinds
    return level


def _contacts(typed: Typed, name: str, was: Any) -> Any:
    at = f"{name}.privacy"
    return {
        "front_desk": {"number": typed.text(f"{name}.front_desk.number")},
        "privacy": {
            "title": typed.words(f"{at}.title"),
            "number": typed.text(f"{at}.number"),
            "email": typed.text(f"{at}.email"),
        },
    }


def _check_in(typed: Typed, name: str, was: Any) -> Any:
    return {part: typed.chosen(f"{name}.{part}", was[part]) for part in ("slots", "questions")}


def _group(typed: Typed, name: str, was: Any) -> Any:
    return {"size": _numbers("min", "max")(typed, f"{name}.size")}


READERS: dict[str, Callable[..., Any]] = {
    "name": _text,
    "time_zone": _text,
    "locales": _chosen,
    "minimum_age": _number,
    "part2_programme": _yes_or_no,
    "course": _numbers("usual_days"),
    "week_starts_on": _text,
    "quiet_hours": _period,
    "reminders": _reminders,
    "staffed_hours": _staffed_hours,
    "reply_within_hours": _number,
    "levels": _list(_level),
    "tracks": _list(_track),
    "services": _list(),
    "therapies": _codes,
    "mutual_help": _codes,
    "topics": _list(),
    "conditions": _codes,
    "helplines": _list(_helpline),
    "contacts": _contacts,
    "check_in": _check_in,
    "what_helps": _numbers("minimum_runs"),
    "group": _group,
    "house_rules": _list(words="text"),
    "announcements": _numbers("per_person_per_week"),
}


def code_of(words: dict[str, str], taken: set[str]) -> str:
    """A code for something new, from its words."""
    plain = slugify(next(iter(words.values())))[: CODE_LENGTH - 4].replace("-", "_") or "item"
    numbered = (f"{plain}_{n}" for n in range(2, len(taken) + 3))
    return next(code for code in (plain, *numbered) if code not in taken)


def by_field(errors: Any, value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """What a serializer says of `value`, by the names of fields."""
    if isinstance(errors, list) and any(isinstance(each, dict) for each in errors):
        errors = dict(enumerate(errors))
    if not isinstance(errors, dict):
        yield at, errors
        return
    for key, inner in errors.items():
        part, below = _part(key, value)
        name = ".".join(filter(None, (at, part)))
        yield from by_field(inner, below, name)


def _part(key: Any, value: Any) -> tuple[str, Any]:
    if key == "non_field_errors":
        return "", value
    if isinstance(value, list):
        below = value[int(key)]
        # Values that are ticked have no fields of their own.
        return (str(below.get("code", key)), below) if isinstance(below, dict) else ("", None)
    return str(key), value.get(key) if isinstance(value, dict) else None
