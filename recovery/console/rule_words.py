"""The rule of a series in words, and the rule that ticked weekdays make."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext

from recovery.care.models import SessionSeries
from recovery.console.dates import written

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ONCE = "FREQ=DAILY;COUNT=1"
DATE, TIME = "l, F j", "g:i A"


def rule_of(days: Iterable[int], every: int = 1) -> str:
    """The RRULE of these weekdays (0 is Monday), `every` this number of weeks."""
    interval = f";INTERVAL={every}" if every > 1 else ""
    return f"FREQ=WEEKLY{interval};BYDAY={','.join(DAYS[day] for day in sorted(days))}"


def weekly(rule: str, first_date: date) -> tuple[list[int], int] | None:
    """The weekdays of a rule, and how many weeks apart they are. None, if it says anything else."""
    parts = _parts(rule)
    every, frequency = int(parts.pop("INTERVAL", "1")), parts.pop("FREQ")
    days = parts.pop("BYDAY", "")
    parts.pop("WKST", None)
    if parts or frequency == "MONTHLY" or (frequency == "DAILY" and every > 1):
        return None
    if frequency == "DAILY":
        return list(range(7)), 1
    return (_weekdays(days) or [first_date.weekday()]), every


def in_words(series: SessionSeries) -> str:
    """As in "Every Monday to Friday at 5:30 PM"."""
    if series.rule == ONCE:
        days = gettext("Once, on %(date)s") % {"date": written(series.first_date, DATE)}
    else:
        days = _days_in_words(series.rule, series.first_date)
    times = [written(time.fromisoformat(each), TIME) for each in series.times]
    return gettext("%(days)s at %(times)s") % {"days": days, "times": listed(times)}


def _days_in_words(rule: str, first_date: date) -> str:
    parts = _parts(rule)
    every = int(parts.get("INTERVAL", "1"))
    words: str | None
    match parts["FREQ"]:
        case "DAILY":
            words = ngettext("Every day", "Every %(n)s days", every) % {"n": every}
        case "WEEKLY" if every == 1 and len(_weekdays(parts.get("BYDAY", ""))) == len(DAYS):
            words = gettext("Every day")
        case "WEEKLY":
            days = _weekdays(parts.get("BYDAY", "")) or [first_date.weekday()]
            words = ngettext("Every %(days)s", "Every %(n)s weeks on %(days)s", every)
            words %= {"n": every, "days": _weekdays_in_words(days)}
        case _:
            words = _monthly_in_words(parts, first_date, every)
    if words is None:
        return gettext("By the rule %(rule)s") % {"rule": rule}
    return words + _end_in_words(parts)


def _monthly_in_words(parts: dict[str, str], first_date: date, every: int) -> str | None:
    if "BYDAY" in parts:
        days = [_day_of_month(day) for day in parts["BYDAY"].split(",")]
    else:
        numbers = parts.get("BYMONTHDAY", str(first_date.day)).split(",")
        days = [_number_of_month(int(number)) for number in numbers]
    if None in days:
        return None
    words = ngettext("Every month on %(days)s", "Every %(n)s months on %(days)s", every)
    return words % {"n": every, "days": listed([day for day in days if day])}


def _day_of_month(day: str) -> str | None:
    patterns = {
        "1": gettext("the first %(day)s"),
        "2": gettext("the second %(day)s"),
        "3": gettext("the third %(day)s"),
        "4": gettext("the fourth %(day)s"),
        "-1": gettext("the last %(day)s"),
        "": gettext("every %(day)s"),
    }
    pattern = patterns.get(day[:-2].lstrip("+"))
    return pattern and pattern % {"day": WEEKDAYS[DAYS.index(day[-2:])]}


def _number_of_month(number: int) -> str | None:
    if number == -1:
        return gettext("the last day")
    return None if number < 0 else gettext("day %(n)s") % {"n": number}


def _end_in_words(parts: dict[str, str]) -> str:
    if "COUNT" in parts:
        times = int(parts["COUNT"])
        return ngettext(", once", ", %(n)s times", times) % {"n": times}
    if "UNTIL" in parts:
        last = datetime.strptime(parts["UNTIL"][:8], "%Y%m%d").date()  # noqa: DTZ007  # a date
        return gettext(", until %(date)s") % {"date": written(last, DATE)}
    return ""


def _weekdays_in_words(days: list[int]) -> str:
    names = [str(WEEKDAYS[day]) for day in days]
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return gettext("%(first)s to %(last)s") % {"first": names[0], "last": names[-1]}
    return listed(names)


def listed(words: list[str]) -> str:
    """As in "Monday, Tuesday and Thursday"."""
    return get_text_list(words, gettext("and"))


def _weekdays(days: str) -> list[int]:
    return sorted({DAYS.index(day) for day in days.split(",") if day})


def _parts(rule: str) -> dict[str, str]:
    return dict(part.split("=") for part in rule.split(";"))
