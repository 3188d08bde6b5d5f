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
    """`key`: after `g`, it opens the page. `duties`: one of them is needed; none: everybody.
    `others`: how the paths of the other pages of this section begin.
    """

    name: str
    title: Promise | str
    icon: str
    key: str
    duties: tuple[Duty, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return reverse(self.name, urlconf="recovery.console.urls")

    def current(self, path: str) -> str:
        """How the entry is marked on this page: `page`, `true` in its section, or not at all."""
        if path == self.path:
            return "page"
        return "true" if path.startswith(self.others) else ""


MENU: list[tuple[Promise | str, list[Entry]]] = [
    ("", [Entry("my_day", _("My day"), "home", "d")]),
    (
        _("People"),
        [
            Entry("people", _("Caseload"), "people", "c", (Duty.CARES,), ("/people/",)),
            Entry("assign", _("Assign"), "tools", "a", (Duty.TREATS,)),
            Entry("review", _("Review"), "check", "v", (Duty.TREATS,), ("/review/",)),
        ],
    ),
    (
        _("Groups"),
        [
            Entry("groups", _("My groups"), "list", "g", (Duty.LEADS_GROUPS,), ("/groups/",)),
            Entry(
                "timetable",
                _("Timetable"),
                "today",
                "t",
                (Duty.KEEPS_TIMETABLE,),
                ("/sessions/", "/series/"),
            ),
            Entry("hours", _("Hours this week"), "clock", "h", (Duty.CARES,)),
        ],
    ),
    (
        _("Alumni"),
        [
            Entry("alumni", _("Board"), "people", "b", (Duty.COORDINATES,)),
            Entry(
                "announcements",
                _("Announcements"),
                "send",
                "n",
                (Duty.COORDINATES,),
                ("/announcements/",),
            ),
        ],
    ),
    (
        _("Program"),
        [
            Entry(
                "invite",
                _("People and roles"),
                "people",
                "p",
                (Duty.ADMITS,),
                ("/programme/staff", "/programme/invitations", "/programme/unattended"),
            ),
            Entry("settings", _("Settings"), "tools", "s", (Duty.MANAGES,), ("/settings/",)),
            Entry("health", _("Health"), "pulse", "e", (Duty.MANAGES,)),
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
