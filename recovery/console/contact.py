"""What the console shows of each person in care: level and day, hours, last contact, next session,
and why they need contact today.

It takes as many queries for one person as for fifty.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recovery.care.models import (
    Appointment,
    ArrivalReport,
    Attendance,
    CareRecord,
    EpisodeChapter,
    Programme,
    WeekOfHours,
)
from recovery.care.queries import chapters_by_record, week_start
from recovery.care.rules.hours import chapter_on
from recovery.care.rules.levels import Levels
from recovery.console.dates import written
from recovery.console.desk import Desk
from recovery.console.names import first_name, name_of
from recovery.conversations.models import MemberCard
from recovery.people.roles import MEMBER
from recovery.practice.models import Attempt, CheckIn
from recovery.practice.queries import unreviewed
from recovery.practice.rules import contact
from recovery.practice.rules.contact import Hours, Known, Missed, Reason, in_hours, strongest_urge

NEW = timedelta(days=7)
AHEAD = timedelta(days=14)  # how far the next session is looked for
ATTENDED = {
    "group": _("group"),
    "individual": _("talk"),
    "family": _("family talk"),
    "psychiatry": _("mental health visit"),
    "medical": _("medical visit"),
    "case_management": _("case management"),
    "education": _("class"),
    "support_group": _("support group"),
    "other": _("session"),
}
CHECK_IN = _("check-in")


@dataclass
class Person:
    """`known` and what else is shown of one person, at `now`. `week`: None without hours to reach.
    `words_at`: when they were last heard of, in any way."""

    record: CareRecord
    locale: str
    now: datetime
    today: date
    chapters: list[EpisodeChapter] = field(default_factory=list)
    week: WeekOfHours | None = None
    attended: Attendance | None = None
    absent: Attendance | None = None
    check_in: CheckIn | None = None
    urges: list[CheckIn] = field(default_factory=list)
    waiting: list[Attempt] = field(default_factory=list)
    words_at: datetime | None = None
    next: Appointment | None = None
    planned: int = 0

    @property
    def id(self) -> uuid.UUID:
        return self.record.id

    @property
    def name(self) -> str:
        return name_of(self.record)

    @property
    def first_name(self) -> str:
        return first_name(self.record)

    @cached_property
    def chapter(self) -> EpisodeChapter | None:
        """The level of today, or of the first day where care begins later."""
        here = [each for each in self.chapters if each.episode.ended_on is None]
        return chapter_on(here, self.today) or next(iter(here), None)

    @property
    def level(self) -> str:
        if self.chapter is None:
            return ""
        names = self.chapter.level.name
        return str(names.get(self.locale) or names["en"])

    @property
    def began_on(self) -> date | None:
        return self.chapter.episode.started_on if self.chapter else None

    @property
    def day(self) -> int:
        """Of the episode: 1 is its first day. 0 before, and without one."""
        return max(0, (self.today - self.began_on).days + 1) if self.began_on else 0

    @property
    def level_in_words(self) -> str:
        """With the day of the episode, for who is in care."""
        if self.began_on is None:
            return gettext("Not in care now")
        if self.record.alumnus_since:
            return self.level
        if self.day:
            return gettext("%(level)s, day %(n)s") % {"level": self.level, "n": self.day}
        date = written(self.began_on, "D, M j")
        return gettext("%(level)s, begins %(date)s") % {"level": self.level, "date": date}

    @property
    def in_care_since(self) -> date | None:
        """None, if care has ended or has not begun, and for alumni."""
        return self.began_on if self.day and self.record.alumnus_since is None else None

    @property
    def is_new(self) -> bool:
        """Whether this course of care began within the last week, or has still to begin."""
        return self.began_on is not None and self.began_on > self.today - NEW

    @property
    def missing(self) -> int:
        """Minutes of this week that are neither done nor planned, as far as the reader can see."""
        if self.week is None or self.in_care_since is None:
            return 0
        return max(0, self.week.minutes_target - self.week.minutes_done - self.planned)

    @property
    def done(self) -> str:
        return in_hours(self.week.minutes_done) if self.week else ""

    @property
    def target(self) -> str:
        return in_hours(self.week.minutes_target) if self.week else ""

    @property
    def last_contact(self) -> tuple[date, Any] | None:
        """The day, and what it was: the latest session they came to, or their latest check-in."""
        contacts: list[tuple[date, Any]] = []
        if self.check_in:
            contacts.append((self.check_in.local_date, CHECK_IN))
        if self.attended:
            contacts.append((_day(self.attended.starts_at), ATTENDED[self.attended.kind]))
        return max(contacts, key=lambda each: each[0], default=None)

    @property
    def next_at(self) -> str:
        """As in "today, 5:30 PM"."""
        if self.next is None:
            return ""
        starts_at = timezone.localtime(self.next.starts_at)
        time = written(starts_at, "g:i A")
        ahead = (starts_at.date() - self.today).days
        if ahead > 1:
            return written(starts_at, "D g:i A" if ahead < 7 else "D, M j")
        words = contact.day_in_words(starts_at.date(), self.today)
        return f"{words[0].upper()}{words[1:]}, {time}"

    @cached_property
    def reasons(self) -> list[Reason]:
        return contact.reasons(self._known())

    def _known(self) -> Known:
        days: dict[date, int] = {}
        for row in self.urges:
            days[row.local_date] = max(strongest_urge(row) or 0, days.get(row.local_date, 0))
        return Known(
            today=self.today,
            in_care_since=self.in_care_since,
            missed=self._missed(),
            checked_in_on=self.check_in.local_date if self.check_in else None,
            hours=Hours(self.week.minutes_target, self.missing, self.week.week_end)
            if self.week
            else None,
            reviews=tuple(_day(each.received_at) for each in self.waiting),
            urges=tuple(days.items()),
        )

    def _missed(self) -> Missed | None:
        """The latest session, if they missed it and were not heard of since it began."""
        if self.absent is None or self.in_care_since is None:
            return None
        begin = self.absent.starts_at
        came_later = self.attended and self.attended.starts_at > begin
        if came_later or (self.words_at and self.words_at > begin):
            return None
        return Missed(self.absent.title, _day(begin))

    def rows(self) -> Iterator[Any]:
        """What is shown of them."""
        yield from (self.record, self.chapter, self.week, self.attended, self.check_in, self.next)
        yield self.absent if self._missed() else None
        yield from (*self.urges, *self.waiting)


def show(desk: Desk, people: Iterable[Person]) -> None:
    """Note what is about to be shown of these people."""
    desk.read(row for person in people for row in person.rows() if row)


def people(desk: Desk, records: Iterable[CareRecord], programme: Programme) -> list[Person]:
    """These people of one programme, in their order. Nothing is noted as read yet: see `show`."""
    rows = [Person(record, desk.user.locale, desk.now, desk.today) for record in records]
    by_record = {row.id: row for row in rows}
    for id_, chapters in chapters_by_record(by_record).items():
        by_record[id_].chapters = chapters
    _add_attendance(desk, by_record)
    _add_practice(desk, by_record, desk.today)
    _add_sessions(desk, by_record, week_start(programme, desk.now), programme)
    return rows


def _add_attendance(desk: Desk, people: dict[uuid.UUID, Person]) -> None:
    attendance = desk.rows(Attendance).filter(scope_id__in=people)
    latest = attendance.order_by("scope_id", "status", "-starts_at")
    for row in latest.distinct("scope_id", "status"):
        if row.status == "present":
            people[row.scope_id].attended = row
        elif row.status == "absent":
            people[row.scope_id].absent = row
    arrivals = desk.rows(ArrivalReport).filter(scope_id__in=people)
    _heard(people, arrivals.values("scope_id").annotate(at=Max("said_at")))


def _add_practice(desk: Desk, people: dict[uuid.UUID, Person], today: date) -> None:
    # A clock that is far off has dated a check-in into the future.
    check_ins = desk.rows(CheckIn).filter(scope_id__in=people, local_date__lte=today)
    latest = check_ins.order_by("scope_id", "-local_date", "-received_at", "-id")
    for row in latest.distinct("scope_id"):
        people[row.scope_id].check_in = row
    _heard(people, check_ins.values("scope_id").annotate(at=Max("received_at")))
    strong = Q(craving_now__gte=contact.STRONG_URGE) | Q(craving_worst__gte=contact.STRONG_URGE)
    for row in check_ins.filter(strong, local_date__gt=today - contact.RECENT):
        people[row.scope_id].urges.append(row)
    attempts = desk.rows(Attempt).filter(scope_id__in=people)
    _heard(people, attempts.values("scope_id").annotate(at=Max("received_at")))
    for row in unreviewed(attempts).defer("answers"):
        people[row.scope_id].waiting.append(row)


def _heard(people: dict[uuid.UUID, Person], latest: Iterable[dict[str, Any]]) -> None:
    for row in latest:
        person = people[row["scope_id"]]
        person.words_at = max(filter(None, (person.words_at, row["at"])))


def _add_sessions(
    desk: Desk, people: dict[uuid.UUID, Person], week: date, programme: Programme
) -> None:
    """The hours of the week, what is planned for them, and the next session."""
    for row in desk.rows(WeekOfHours).filter(scope_id__in=people, week_start=week):
        people[row.scope_id].week = row if row.minutes_target else None
    marked = set(
        desk.rows(Attendance)
        .filter(scope_id__in=people, week_start=week)
        .values_list("scope_id", "appointment_id")
    )
    begin = datetime.combine(week, datetime.min.time(), desk.zone)
    end_of_week = begin + timedelta(days=7)
    until = max(end_of_week, desk.now + AHEAD)
    for person, session in sessions_of(desk, people, programme, begin, until):
        if session.ends_at > desk.now and person.next is None:
            person.next = session
        if session.starts_at < end_of_week and (person.id, session.id) not in marked:
            person.planned += (session.ends_at - session.starts_at) // timedelta(minutes=1)


def sessions_of(
    desk: Desk,
    people: dict[uuid.UUID, Person],
    programme: Programme,
    begin: datetime,
    until: datetime,
) -> Iterator[tuple[Person, Appointment]]:
    """Who takes part in which booked session that starts in this time, in the order of time."""
    attending = _attending(desk, people)
    levels = {id_: Levels(programme.settings, each.chapters) for id_, each in people.items()}
    sessions = desk.rows(Appointment).filter(
        scope_id__in=attending, status="booked", starts_at__gte=begin, starts_at__lt=until
    )
    for session in sessions.order_by("starts_at", "id"):
        for id_, since in attending[session.scope_id]:
            joined_later = since and session.starts_at < since
            if not joined_later and not levels[id_].take_away(
                session.kind, _day(session.starts_at)
            ):
                yield people[id_], session


def _attending(
    desk: Desk, people: dict[uuid.UUID, Person]
) -> dict[uuid.UUID, list[tuple[uuid.UUID, datetime | None]]]:
    """By scope, who takes part in its sessions, and from when on. Only scopes that the reader is
    in: of other groups nobody learns who is there."""
    attending: dict[uuid.UUID, list[tuple[uuid.UUID, datetime | None]]] = defaultdict(list)
    for id_, person in people.items():
        if person.chapter:  # after the end of care, nothing is planned
            attending[id_].append((id_, None))
    by_user = {person.record.user_id: id_ for id_, person in people.items() if person.chapter}
    cards = desk.rows(MemberCard).filter(user_id__in=by_user, role=MEMBER, left_at=None)
    for scope_id, user_id, joined_at in cards.values_list("scope_id", "user_id", "joined_at"):
        attending[scope_id].append((by_user[user_id], joined_at))
    return dict(attending)


def _day(moment: datetime) -> date:
    return timezone.localdate(moment)
