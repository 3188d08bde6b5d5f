"""How the console says numbers and times."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.timesince import timesince
from django.utils.translation import gettext

from recovery.console.dates import written


def hours(minutes: int) -> str:
    """As in "50 min", "9 h" or "2 h 30 min"."""
    whole, rest = divmod(minutes, 60)
    parts = [gettext("%(n)s h") % {"n": whole}] if whole or not rest else []
    return " ".join([*parts, gettext("%(n)s min") % {"n": rest}] if rest else parts)


def time_since(then: datetime, now: datetime) -> str:
    """One unit is enough: `3 days`."""
    if now - then < timedelta(minutes=1):
        return gettext("Just now")
    return timesince(then, now, depth=1).replace("\N{NO-BREAK SPACE}", " ")


def since_day(day: date, today: date) -> str:
    """As in "today" or "since Wed"; after a week "since Nov 3"."""
    if day >= today:
        return gettext("today")
    pattern = "D" if today - day < timedelta(days=7) else "M j"
    words = written(day, pattern).replace(" ", "\N{NO-BREAK SPACE}")
    return gettext("since %(day)s") % {"day": words}
