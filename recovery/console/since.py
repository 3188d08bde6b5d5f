"""What happened with one person since a day, in sentences, for who is about to talk to them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext

from recovery.care.models import Attendance
from recovery.console.contact import Person
from recovery.console.desk import Desk
from recovery.practice.models import Attempt, CheckIn, ExerciseVersion
from recovery.practice.rules.contact import day_in_words, strongest_urge

DAYS = 14  # where there was no talk lately, and of the line of urges
LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Since:
    """`day`: the first day. `talked`: it is that of the last one-to-one. `sentences` about what
    happened, and the urges of the last DAYS days, None where nothing is known."""

    day: date
    talked: bool
    sentences: list[str]
    urges: list[tuple[date, int | None]]
    last: CheckIn | None

    @property
    def has_urges(self) -> bool:
        return any(urge is not None for _, urge in self.urges)

    @property
    def finding(self) -> str:
        """What the line of urges shows."""
        known = [(urge, day) for day, urge in self.urges if urge is not None]
        highest, day = max(known)
        words = gettext("Urge was highest %(day)s, %(n)s.") % {
            "day": day_in_words(day, self.urges[-1][0]),
            "n": highest,
        }
        unknown = len(self.urges) - len(known)
        if not unknown:
            return words
        gaps = ngettext(
            "No answer on %(n)s day, which stays unknown.",
            "No answer on %(n)s days, which stay unknown.",
            unknown,
        )
        return f"{words} {gaps % {'n': unknown}}"


def since_the_last_talk(desk: Desk, person: Person) -> Since:
    """What happened since the last one-to-one, or in the last DAYS days. All of it is shown."""
    attendance = desk.rows(Attendance).filter(scope_id=person.id)
    talks = attendance.filter(kind="individual", status="present", starts_at__gt=desk.now - LATELY)
    talk = talks.order_by("-starts_at").first()
    day = timezone.localdate(talk.starts_at) if talk else person.today - timedelta(days=DAYS - 1)
    begin = talk.starts_at if talk else datetime.combine(day, time(), desk.zone)
    first = person.today - timedelta(days=DAYS - 1)
    check_ins = desk.rows(CheckIn).filter(
        scope_id=person.id, local_date__gte=min(first, day), local_date__lte=person.today
    )
    shown = desk.read(check_ins.order_by("local_date", "recorded_at", "id"))
    sentences = [
        *_came(desk.read(attendance.filter(starts_at__gte=begin))),
        *_checked_in([row for row in shown if row.local_date >= day], person.today, day),
        *_shared(desk, person, begin),
        *_level(person, day),
    ]
    latest = next(_with_words(shown), None)
    return Since(day, talk is not None, sentences, _by_day(shown, first), latest)


def _came(rows: list[Attendance]) -> Iterator[str]:
    by_status = Counter(row.status for row in rows)
    came, all_ = by_status["present"], by_status["present"] + by_status["absent"]
    if all_:
        words = ngettext(
            "Came to %(came)s of %(all)s session.", "Came to %(came)s of %(all)s sessions.", all_
        )
        yield words % {"came": came, "all": all_}
    if excused := by_status["excused"]:
        words = ngettext("Excused from %(n)s session.", "Excused from %(n)s sessions.", excused)
        yield words % {"n": excused}


def _checked_in(rows: list[CheckIn], today: date, day: date) -> Iterator[str]:
    days = {row.local_date for row in rows}
    if not days:
        yield gettext("No check-in reached the team. What stays on the phone is not known here.")
        return
    yield gettext("Checked in on %(n)s of %(all)s days.") % {
        "n": len(days),
        "all": (today - day).days + 1,
    }
    urges = [(urge, row.local_date) for row in rows if (urge := strongest_urge(row)) is not None]
    if len(urges) > 1:
        (low, _), (high, when) = min(urges), max(urges)
        words = (
            gettext("Urge between %(low)s and %(high)s, highest %(day)s.")
            if low < high
            else gettext("Urge %(high)s each time.")
        )
        yield words % {"low": low, "high": high, "day": day_in_words(when, today)}
    used = sorted({row.local_date for row in rows if row.used})
    if used:
        listed = get_text_list([day_in_words(each, today) for each in used], gettext("and"))
        yield gettext("Spoke of use %(days)s.") % {"days": listed}


def _shared(desk: Desk, person: Person, begin: datetime) -> Iterator[str]:
    rows = desk.rows(Attempt).filter(scope_id=person.id, received_at__gte=begin)
    attempts = desk.read(rows.defer("answers").order_by("received_at", "id"))
    if attempts:
        titles = titles_of(attempts, desk.user.locale)
        named = list(dict.fromkeys(titles[each.exercise_id, each.version] for each in attempts))
        words = ngettext(
            "Shared %(n)s exercise: %(titles)s.",
            "Shared %(n)s exercises: %(titles)s.",
            len(attempts),
        )
        yield words % {"n": len(attempts), "titles": get_text_list(named, gettext("and"))}


def _level(person: Person, day: date) -> Iterator[str]:
    chapter = person.chapter
    if chapter and chapter.from_date >= day and chapter.from_date > chapter.episode.started_on:
        yield gettext("The level of care changed to %(level)s %(day)s.") % {
            "level": person.level,
            "day": day_in_words(chapter.from_date, person.today),
        }


def _with_words(rows: Iterable[CheckIn]) -> Iterator[CheckIn]:
    """Check-ins with words of the person's own, the latest first."""
    return (row for row in reversed(list(rows)) if row.success or row.plan or row.gap_reason)


def _by_day(rows: list[CheckIn], first: date) -> list[tuple[date, int | None]]:
    known: dict[date, int] = {}
    for row in rows:
        urge = strongest_urge(row)
        if urge is not None:
            known[row.local_date] = max(urge, known.get(row.local_date, 0))
    days = (first + timedelta(days=n) for n in range(DAYS))
    return [(day, known.get(day)) for day in days]


def titles_of(attempts: Iterable[Attempt], locale: str) -> dict[tuple[uuid.UUID, int], str]:
    """By exercise and version, what these attempts are called in this language."""
    done = {(each.exercise_id, each.version) for each in attempts}
    ids = {ExerciseVersion.id_of(*each) for each in done}
    known = {
        (row.exercise_id, row.version): str(row.content["title"][locale])
        for row in ExerciseVersion.objects.filter(id__in=ids)
    }
    unknown = gettext("an exercise that this library does not have")
    return {each: known.get(each, unknown) for each in done}
