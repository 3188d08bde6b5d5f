"""Caseload: the person to contact today, and why, in words."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.paginator import Page as Sheet
from django.core.paginator import Paginator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from recovery.care.queries import BY_NAME, cared_for_by
from recovery.console.contact import Person, show
from recovery.console.contact import people as all_of
from recovery.console.desk import Desk
from recovery.console.page import page
from recovery.practice.rules import contact

PAGE = 50
RECIPES: dict[str, tuple[Any, Callable[[Person], bool]]] = {
    "contact": (_("Contact today"), lambda person: bool(person.reasons)),
    "hours": (_("Short on hours"), lambda person: person.missing > 0),
    "new": (_("New this week"), lambda person: person.is_new),
    "all": (_("All mine"), lambda person: True),
}
SORTS: dict[str, Callable[[Person], Any]] = {
    "why": lambda person: person.reasons[0].since if person.reasons else date.max,
    "name": lambda person: 0,  # they come by name
    "hours": lambda person: -person.missing,
    "last": lambda person: person.last_contact[0] if person.last_contact else date.min,
    "next": lambda person: person.next.starts_at.timestamp() if person.next else float("inf"),
}
USUAL = {"contact": "why", "hours": "hours", "new": "name", "all": "name"}


@page("console/people.html")
def people(desk: Desk) -> dict[str, Any]:
    query = desk.request.GET
    words, level = desk.request.POST.get("q", "").strip(), query.get("level", "")
    # Who looks for a name means everybody.
    recipe = "all" if words else _one_of(RECIPES, query.get("list"), "contact")
    sort = _one_of(SORTS, query.get("sort"), USUAL[recipe])
    mine = everybody(desk)
    levels = sorted({person.level for person in mine} - {""})
    listed = [
        person
        for person in mine
        if RECIPES[recipe][1](person)
        and (not level or person.level == level)
        and _has(person.name, words)
    ]
    sheet = Paginator(sorted(listed, key=SORTS[sort]), PAGE).get_page(query.get("page"))
    show(desk, sheet.object_list)
    return {
        "people": sheet.object_list,
        "number": len(mine),
        "recipes": [(key, title) for key, (title, fits) in RECIPES.items()],
        "recipe": recipe,
        "title": _("Found") if words else RECIPES[recipe][0],
        "sort": sort,
        "words": words,
        "level": level,
        "levels": [("", _("Any level")), *((name, name) for name in levels)],
        "filters": bool(words) + bool(level),
        "rules": contact,
        "sorted_by": {name: _address(query, sort=name, page=None) for name in SORTS},
        **turned(desk, sheet),
    }


@people.act
def search(desk: Desk) -> str:
    """The name stays out of the address, which browsers and proxies keep."""
    return ""


def turned(desk: Desk, sheet: Sheet[Any]) -> dict[str, Any]:
    """The page of a long list that is shown, and the addresses of those before and after it."""
    query = desk.request.GET
    return {
        "sheet": sheet,
        "before": sheet.has_previous() and _address(query, page=sheet.previous_page_number()),
        "after": sheet.has_next() and _address(query, page=sheet.next_page_number()),
    }


def everybody(desk: Desk) -> list[Person]:
    """Everybody whose care team the person at the desk is on, by name."""
    if desk.programme is None:
        return []
    records = cared_for_by(desk.user).filter(programme=desk.programme).order_by(*BY_NAME)
    return all_of(desk, records, desk.programme)


def to_contact(desk: Desk) -> list[Person]:
    """Of everybody, who needs contact today, the longest wait first. Nothing is noted as read."""
    return sorted(filter(RECIPES["contact"][1], everybody(desk)), key=SORTS["why"])


def _has(name: str, words: str) -> bool:
    """Whether a name has all of these words, or their beginnings, in any order."""
    parts = _plain(name).split()
    return all(any(part.startswith(word) for part in parts) for word in _plain(words).split())


def _plain(text: str) -> str:
    """Without capitals and marks: "Lucia" is found as "Lucía", and the other way around."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))


def _one_of(known: dict[str, Any], name: str | None, usual: str) -> str:
    return name if name in known else usual


def _address(query: QueryDict, **changes: Any) -> str:
    query = query.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"
