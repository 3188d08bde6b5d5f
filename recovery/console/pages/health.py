"""Whether notifications arrive, and whether the work behind it goes on. Counts alone: never whose
phone it was, or what it said."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.models import Pause
from recovery.alumni.rules import is_few
from recovery.console import people_menu
from recovery.console.desk import Desk
from recovery.console.page import page
from recovery.console.words import time_since
from recovery.people.queries import Count, programme_health
from recovery.people.roles import Duty

DAYS = 7
LATE = timedelta(minutes=5)
# The worker says every ten seconds that it is there.
SILENT = timedelta(minutes=2)
CLASSES = {
    "urgent": _("Urgent notices"),
    "reminder": _("Reminders and news, which a phone shows"),
    "sync": _("Silent ones, which only wake the app"),
}
STATES = ("sent", "planned", "expired", "dead")
NO_PHONE = _("The phone no longer has the app, or was set up again.")
NOT_REACHED = _("The service that delivers could not be reached.")
OUR_KEY = _("The service that delivers refused the key of this server. Tell the operator.")
OUR_FAULT = _("The service that delivers did not take what was sent. Tell the operator.")
REASONS = {
    "": _("Its time has not come yet."),
    "unregistered": NO_PHONE,
    "registration_gone": NO_PHONE,
    "invalid_registration": NO_PHONE,
    "endpoint_not_allowed": NO_PHONE,
    "sender_id_mismatch": OUR_KEY,
    "third_party_auth_error": OUR_KEY,
    "unauthenticated": OUR_KEY,
    "permission_denied": OUR_KEY,
    "no_such_project": OUR_KEY,
    "vapid_refused": OUR_KEY,
    "mail_credential_refused": OUR_KEY,
    "mail_not_supported": OUR_FAULT,
    "invalid_request": OUR_FAULT,
    "quota_exceeded": _("The service that delivers asked for a pause."),
    "paused": _("The service that delivers asked for a pause."),
    "timeout": NOT_REACHED,
    "unreachable": NOT_REACHED,
    "internal": NOT_REACHED,
    "unavailable": NOT_REACHED,
    "ttl": _("It would have come too late to be of use."),
    "released": _("It is tried again."),
}
PAUSES = {
    "fcm": _("Pushes to all phones"),
    "fcm:android": _("Pushes to Android phones"),
    "fcm:ios": _("Pushes to iPhones"),
    "fcm:web": _("Pushes to browsers"),
    "mail": _("Emails"),
}


@page("console/health.html")
def health(desk: Desk) -> dict[str, Any]:
    programme = people_menu.programme_for(desk, Duty.MANAGES)
    since = desk.now - timedelta(days=DAYS)
    rows = programme_health(programme.id, since=since, at=desk.now)
    pushes, letters, phones = (_of(rows, kind) for kind in ("push", "letter", "phone"))
    moments = {row.kind: row.oldest for row in rows if row.kind in ("job", "worker", "done")}
    late = [row.oldest for row in pushes if row.state == "planned" and row.oldest]
    return {
        "days": DAYS,
        "pushes": _by_class(pushes),
        "why": _why(pushes),
        "phones": {row.state: _said([row]) for row in phones},
        "letters": {state: _said(_in(letters, state)) for state in STATES if _in(letters, state)},
        "why_letters": _why(letters),
        "job": _late(desk, moments["job"]),
        "push": _late(desk, min(late, default=None)),
        "worker": _ago(desk, moments["worker"], SILENT),
        "done": _ago(desk, moments["done"], None),
        "pauses": [
            {"name": PAUSES.get(row.name, row.name), "until": row.until, "why": _words(row.reason)}
            for row in Pause.objects.filter(until__gt=desk.now).order_by("name")
        ],
        "version": version(),
        "postgresql": ".".join(map(str, connection.get_database_version())),
    }


def _of(rows: Iterable[Count], kind: str) -> list[Count]:
    return [row for row in rows if row.kind == kind]


def _in(rows: Iterable[Count], state: str) -> list[Count]:
    return [row for row in rows if row.state == state]


def _said(rows: list[Count]) -> str:
    """How many these are together. Hidden where fewer than five people are behind them."""
    # The same people may be behind several lines, so the largest says how many there are at least.
    people = max((row.people or 0 for row in rows), default=0)
    total = sum(row.number or 0 for row in rows)
    if not total:
        return gettext("None")
    if is_few(people):
        return gettext("Fewer than 5 people")
    return number_format(total, force_grouping=True)


def _by_class(rows: list[Count]) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "numbers": [_said(_in(of_class, state)) for state in STATES],
        }
        for name, title in CLASSES.items()
        if (of_class := [row for row in rows if row.name == name])
    ]


def _why(rows: list[Count]) -> dict[str, list[tuple[str, str]]]:
    """Why these wait, were dropped or refused: by state, each reason and how many."""
    why: dict[str, dict[str, list[Count]]] = {}
    for row in rows:
        if row.state != "sent":
            why.setdefault(row.state, {}).setdefault(_words(row.reason), []).append(row)
    return {
        state: [(words, _said(of_these)) for words, of_these in sorted(reasons.items())]
        for state, reasons in why.items()
    }


def _words(reason: str) -> str:
    if reason.startswith("smtp_5"):
        return gettext("The mail server refused the address or the letter.")
    if reason.startswith("smtp_"):
        return str(NOT_REACHED)
    return str(REASONS.get(reason, OUR_FAULT))


def _late(desk: Desk, due: datetime | None) -> dict[str, Any]:
    """Since when something waits that is due."""
    if due is None or due > desk.now:
        return {"time": "", "is_bad": False}
    return {"time": time_since(due, desk.now), "is_bad": desk.now - due > LATE}


def _ago(desk: Desk, at: datetime | None, longest: timedelta | None) -> dict[str, Any]:
    if at is None:
        return {"time": "", "is_bad": True}
    is_bad = longest is not None and desk.now - at > longest
    return {"time": time_since(at, desk.now), "is_bad": is_bad}


@cache
def version() -> str:
    """Of the server, as its own folder says. Empty, where it does not."""
    try:
        with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
            return str(tomllib.load(file)["project"]["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return ""
