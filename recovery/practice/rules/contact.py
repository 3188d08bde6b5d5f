"""Who needs contact today, and why: sentences from what is recorded of a person. There is no score.

Silence is unknown. It is a reason to ask, and says nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext

from recovery.practice.models import CheckIn

# The same as on the phone (clients/web/src/model/check_in.ts): after this number of days it asks
# whether it was quiet, and from such an urge on it offers help.
SILENT_DAYS = 4
STRONG_URGE = 7
RECENT = timedelta(days=7)  # how far back urges count
LAST_DAYS = timedelta(days=2)  # before the end of a week, when there is little time left for hours


@dataclass(frozen=True)
class Missed:
    """A session that the person has missed, without a word since."""

    title: str
    day: date


@dataclass(frozen=True)
class Hours:
    """The hours of this week, in minutes. `missing`: what is neither done nor planned."""

    target: int
    missing: int
    last_day: date


@dataclass(frozen=True)
class Known:
    """What is recorded of one person. Days are those of the programme. `in_care_since`: None for
    those whose care has ended, and for alumni. `urges`: by day, the strongest of RECENT."""

    today: date
    in_care_since: date | None = None
    missed: Missed | None = None
    checked_in_on: date | None = None
    hours: Hours | None = None
    reviews: tuple[date, ...] = ()
    urges: tuple[tuple[date, int], ...] = ()


@dataclass(frozen=True)
class Reason:
    """Why someone needs contact, as a sentence. `since`: for how long it has been so."""

    since: date
    sentence: str


def reasons(known: Known) -> list[Reason]:
    """The longest wait first."""
    every = [*_missed(known), *_silent(known), *_urges(known), *_short(known), *_reviews(known)]
    return sorted(every, key=lambda reason: reason.since)


def strongest_urge(check_in: CheckIn) -> int | None:
    """The strongest urge of which a check-in tells. None: it tells of none."""
    urges = [u for u in (check_in.craving_now, check_in.craving_worst) if u is not None]
    return max(urges, default=None)


def _missed(known: Known) -> Iterator[Reason]:
    if known.missed:
        title, day = known.missed.title, day_in_words(known.missed.day, known.today)
        words = gettext("Missed %(title)s %(day)s, no word since.")
        yield Reason(known.missed.day, words % {"title": title, "day": day})


def _silent(known: Known) -> Iterator[Reason]:
    if known.in_care_since is None:
        return
    last = known.checked_in_on or known.in_care_since
    days = (known.today - last).days
    if days < SILENT_DAYS:
        return
    words = (
        gettext("No check-in for %(n)s days.")
        if known.checked_in_on
        else gettext("No check-in yet, %(n)s days into care.")
    )
    yield Reason(last + timedelta(days=SILENT_DAYS), words % {"n": days})


def _urges(known: Known) -> Iterator[Reason]:
    strong = [(day, urge) for day, urge in sorted(known.urges) if urge >= STRONG_URGE]
    if not strong:
        return
    day, highest = max(strong, key=lambda each: (each[1], each[0]))
    if len(strong) == 1:
        when = day_in_words(day, known.today)
        words = gettext("Urge %(n)s %(day)s.") % {"n": highest, "day": when}
    else:
        words = gettext("Urge %(from)s or more on %(days)s of the last 7 days, up to %(n)s.") % {
            "from": STRONG_URGE,
            "days": len(strong),
            "n": highest,
        }
    yield Reason(strong[0][0], words)


def _short(known: Known) -> Iterator[Reason]:
    hours = known.hours
    if hours is None or hours.missing <= 0 or known.today < hours.last_day - LAST_DAYS:
        return
    words = gettext("%(missing)s h of %(target)s h are missing. The week ends %(day)s.")
    yield Reason(
        hours.last_day - LAST_DAYS,
        words
        % {
            "missing": in_hours(hours.missing),
            "target": in_hours(hours.target),
            "day": day_in_words(hours.last_day, known.today),
        },
    )


def _reviews(known: Known) -> Iterator[Reason]:
    if not known.reviews:
        return
    first = min(known.reviews)
    words = ngettext(
        "An exercise waits for review, sent %(day)s.",
        "%(n)s exercises wait for review, the first sent %(day)s.",
        len(known.reviews),
    )
    yield Reason(first, words % {"n": len(known.reviews), "day": day_in_words(first, known.today)})


def day_in_words(day: date, today: date) -> str:
    """As people say it, within a sentence."""
    ahead = (day - today).days
    if ahead == 0:
        return gettext("today")
    if ahead == -1:
        return gettext("yesterday")
    if ahead == 1:
        return gettext("tomorrow")
    pattern = "l" if -7 < ahead < 7 else "l, F j"
    return gettext("on %(day)s") % {"day": date_format(day, pattern)}


def in_hours(minutes: int) -> str:
    """As in 9 or 2.5."""
    hours = round(minutes / 60, 2)
    return number_format(int(hours) if hours.is_integer() else hours)
