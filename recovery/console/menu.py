"""The menu: the pages that a person's work needs, and no others."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recovery.console.desk import Desk
from recovery.people.roles import Duty


@dataclass(frozen=True)
class Entry:
    """`key`: after `g`, it opens the page. `duties`: one of them is needed; none: everybody."""

    name: str
    title: Promise | str
    icon: str
    key: str
    duties: tuple[Duty, ...] = ()

    @property
    def path(self) -> str:
        return reverse(self.name, urlconf="recovery.console.urls")


MENU: list[tuple[Promise | str, list[Entry]]] = [
    ("", [Entry("my_day", _("My day"), "home", "d")]),
    (
        _("People"),
        [
            Entry("people", _("Caseload"), "people", "c", (Duty.CARES,)),
            Entry("assign", _("Assign"), "tools", "a", (Duty.TREATS,)),
            Entry("review", _("Review"), "check", "v", (Duty.TREATS,)),
        ],
    ),
    (
        _("Groups"),
        [
            Entry("groups", _("My groups"), "list", "g", (Duty.LEADS_GROUPS,)),
            Entry("timetable", _("Timetable"), "today", "t", (Duty.KEEPS_TIMETABLE,)),
            Entry("hours", _("Hours this week"), "clock", "h", (Duty.CARES,)),
        ],
    ),
    (
        _("Alumni"),
        [
            Entry("alumni", _("Board"), "people", "b", (Duty.COORDINATES,)),
            Entry("announcements", _("Announcements"), "send", "n", (Duty.COORDINATES,)),
        ],
    ),
    (
        _("Program"),
        [
            Entry("invite", _("People and roles"), "people", "p", (Duty.ADMITS,)),
            Entry("settings", _("Settings"), "tools", "s", (Duty.MANAGES,)),
        ],
    ),
    (_("Records"), [Entry("audit", _("Audit"), "lines", "l")]),
]


def sections(desk: Desk) -> list[tuple[Promise | str, list[Entry]]]:
    """By heading, what this person's role on the staff needs."""
    shown = [
        (title, [e for e in entries if not e.duties or any(map(desk.has, e.duties))])
        for title, entries in MENU
    ]
    return [(title, entries) for title, entries in shown if entries]
