"""How the console says numbers and times."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.formats import date_format, number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext


def hours(minutes: int) -> str:
    """Minutes as people say hours, as in "2.5 h"."""
    number = round(minutes / 60, 2) if minutes % 60 else minutes // 60
    return gettext("%(hours)s h") % {"hours": number_format(number)}


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
    words = date_format(day, pattern).replace(" ", "\N{NO-BREAK SPACE}")
    return gettext("since %(day)s") % {"day": words}
