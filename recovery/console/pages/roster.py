"""The roster of one session: who takes part, and their attendance in one tap each."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext, gettext_lazy, ngettext

from foundation.problems import Invalid, Refusal, Refused
from recovery.care import queries
from recovery.care.actions.attendance import EARLY
from recovery.care.models import (
    Appointment,
    ArrivalReport,
    Attendance,
    AttendanceVersion,
    CareRecord,
    WeekOfHours,
)
from recovery.console.desk import Desk
from recovery.console.group import led
from recovery.console.page import page, sentence
from recovery.console.words import hours
from recovery.conversations.models import MemberCard
from recovery.people.models import StaffMember, name_to_say
from recovery.people.roles import MEMBER

# What can be marked: on the button, and within a sentence.
ANSWERS: dict[str, tuple[Any, Any]] = {
    "here": (gettext_lazy("Here"), gettext_lazy("here")),
    "late": (gettext_lazy("Late"), gettext_lazy("late")),
    "excused": (gettext_lazy("Excused"), gettext_lazy("excused")),
    "absent": (gettext_lazy("Not here"), gettext_lazy("not here")),
}
LEFT = "left"
STATUSES = {"here": "present", "late": "present", LEFT: "present"}
# For so long a mark may be a slip of the hand.
FRESH = timedelta(minutes=10)


@dataclass
class Ask:
    """What is asked before an answer is saved: a time, why an earlier mark is corrected, or both.

    `now`: an empty time is now. `reason`: what is suggested; None, if none is needed.
    """

    answer: str
    heading: str
    reason: str | None
    time_label: str = ""
    time: str = ""
    now: bool = False


@dataclass
class Row:
    """One person on the roster, and what is recorded of them."""

    record: CareRecord
    arrival: ArrivalReport | None
    mark: Attendance | None
    versions: list[AttendanceVersion]
    week: WeekOfHours | None
    asks: list[Ask] = field(default_factory=list)
    marked_by: str = ""
    first_by: str = ""
    sentence: str = ""

    @property
    def shown(self) -> list[Any]:
        """Everything of the person that the page shows."""
        parts = (self.record, self.arrival, self.mark, *self.versions, self.week)
        return [part for part in parts if part is not None]

    @property
    def key(self) -> str:
        return str(self.record.id)

    @property
    def name(self) -> str:
        record = self.record
        return name_to_say(record.given_name, record.family_name, record.name_text, record.called)

    @property
    def answer(self) -> str:
        return answer_of(self.mark, self.mark) if self.mark else ""

    @property
    def answer_title(self) -> str:
        return str(ANSWERS[self.answer][0]) if self.mark else ""

    @property
    def first_answer(self) -> str:
        """What the first mark said, in a sentence. Empty: it has never changed."""
        return in_words(self.versions[0], self.mark) if self.mark and self.versions[1:] else ""

    @property
    def buttons(self) -> list[tuple[str, Any, bool, bool]]:
        """Code, title, whether it is what is recorded, and whether something is asked first."""
        asking = {ask.answer for ask in self.asks}
        return [
            (code, title, code == self.answer, code in asking)
            for code, (title, _) in ANSWERS.items()
        ]


def answer_of(facts: Attendance | AttendanceVersion, session: Any) -> str:
    if facts.status != "present":
        return facts.status
    return "late" if facts.arrived_at and facts.arrived_at > session.starts_at else "here"


def facts_of(mark: Attendance | AttendanceVersion) -> dict[str, Any]:
    """As `care.record_attendance` takes them."""
    times = {"arrived_at": mark.arrived_at, "left_at": mark.left_at}
    return {"status": mark.status} | {name: at for name, at in times.items() if at}


def in_words(facts: Attendance | AttendanceVersion, session: Any) -> str:
    return str(ANSWERS[answer_of(facts, session)][1])


@page("console/roster.html")
def roster(desk: Desk, session: uuid.UUID) -> dict[str, Any]:
    meeting = desk.read_one(_sessions(desk, session))
    rows = _rows(desk, meeting)
    desk.read(part for row in rows for part in row.shown)
    names = _staff(desk, meeting) | {desk.user.id: gettext("you")}
    for row in rows:
        row.asks = _asks(row, meeting, desk)
        if row.versions:
            row.first_by = names.get(row.versions[0].recorded_by, "")
            row.marked_by = names.get(row.versions[-1].recorded_by, "")
    marks = [row.mark for row in rows if row.mark]
    newest = max(marks, key=lambda mark: mark.recorded_at, default=None)
    last = next((row for row in rows if newest and row.mark is newest), None)
    if last is not None and newest is not None:
        last.sentence = _sentence(last.name, facts_of(newest), newest.credited_minutes, meeting)
    return {
        "session": meeting,
        "group": next(iter(desk.read(led(desk).filter(id=meeting.scope_id))), None),
        "zone": ZoneInfo(meeting.time_zone),
        "rows": rows,
        "marked": len(marks),
        "unmarked": len(rows) - len(marks),
        "minutes": sum(mark.credited_minutes for mark in marks),
        "last": last,
        "can_undo": last is not None and _can_undo(last, desk),
        "begins": meeting.starts_at - EARLY if desk.now < meeting.starts_at - EARLY else None,
        "elsewhere": desk.read(_others(desk, meeting, rows)),
        "lists": " ".join([f"group:{meeting.scope_id}", *(f"care:{row.key}" for row in rows)]),
    }


@roster.act
def mark(desk: Desk, session: uuid.UUID) -> str:
    form = desk.request.POST
    with desk.reading():
        meeting, row = _one(desk, session)
    answer, seen = form.get("answer", ""), form.get("seen", "0")
    facts = _facts(answer, row, meeting, desk)
    if row.mark and str(row.mark.version) == seen and not form.get("reason", "").strip():
        raise Invalid({"reason": [gettext("Say why this changes.")]})
    minutes = _record(desk, meeting, row, seen=seen, reason=form.get("reason", ""), **facts)
    return _sentence(row.name, facts, minutes, meeting)


@roster.act
def mark_rest(desk: Desk, session: uuid.UUID) -> str:
    with desk.reading():
        meeting = get_object_or_404(_sessions(desk, session))
        rest = [row for row in _rows(desk, meeting) if row.mark is None]
    minutes, missed = 0, []
    for row in rest:
        try:
            minutes += _record(desk, meeting, row, status="present", part=row.key)
        except Refusal as refusal:
            missed.append(f"{row.name}: {sentence(refusal)}")
    done = len(rest) - len(missed)
    reply = ngettext("%(count)s person: here.", "%(count)s people: here.", done) % {"count": done}
    credited = gettext("%(hours)s credited.") % {"hours": hours(minutes)}
    if missed:
        return " ".join([reply, credited, gettext("Not marked:"), *missed])
    return f"{reply} {credited}"


@roster.act
def undo(desk: Desk, session: uuid.UUID) -> str:
    """Record again what was recorded before the last change."""
    with desk.reading():
        meeting, row = _one(desk, session)
    seen = desk.request.POST.get("seen", "")
    before = next((v for v in row.versions if str(v.version + 1) == seen), None)
    if before is None:
        raise Refused("conflict", gettext("There is nothing to take back."))
    facts = facts_of(before)
    minutes = _record(desk, meeting, row, seen=seen, reason=gettext("Taken back"), **facts)
    return _sentence(row.name, facts, minutes, meeting)


def _record(
    desk: Desk,
    session: Appointment,
    row: Row,
    *,
    seen: str = "0",
    part: str = "",
    **facts: Any,
) -> int:
    """Record one person's attendance. The minutes that count. Refused, with who did what, if it is
    not as the person had seen it."""
    times = {name: at.isoformat() for name, at in facts.items() if isinstance(at, datetime)}
    data = {"record": row.key, "appointment": str(session.id), "version": seen, **facts, **times}
    try:
        done = desk.act("care.record_attendance", data, part=part)
    except Refused as refusal:
        if refusal.code != "conflict":
            raise
        with desk.reading():
            raise Refused("conflict", _meanwhile(desk, session, row)) from None
    return int((done.data or {})["credited_minutes"])


def _facts(answer: str, row: Row, session: Appointment, desk: Desk) -> dict[str, Any]:
    """The facts that an answer stands for, with the times that were typed."""
    facts: dict[str, Any] = {"status": STATUSES.get(answer, answer)}
    arrived, left = (row.mark.arrived_at, row.mark.left_at) if row.mark else (None, None)
    if answer == "late":
        arrived = _typed(desk, session) or (desk.now if _runs(session, desk) else None)
        if arrived is None:
            raise Invalid({"at": [gettext("Say at what time.")]})
    if answer == LEFT:
        left = _typed(desk, session)
        if left is None:
            raise Invalid({"at": [gettext("Say at what time.")]})
    if answer in ("late", LEFT):
        facts |= {n: at for n, at in (("arrived_at", arrived), ("left_at", left)) if at}
    return facts


def _typed(desk: Desk, session: Appointment) -> datetime | None:
    """The time that was typed, on the day of the session or in the night after it."""
    typed = desk.request.POST.get("at", "")
    if not typed:
        return None
    try:
        at = time.fromisoformat(typed)
    except ValueError:
        raise Invalid({"at": [gettext("This is not a time.")]}) from None
    zone = ZoneInfo(session.time_zone)
    day = session.starts_at.astimezone(zone).date()
    moment = datetime.combine(day, at.replace(tzinfo=None), zone)
    if moment < session.starts_at - timedelta(hours=12):
        moment = datetime.combine(day + timedelta(days=1), at.replace(tzinfo=None), zone)
    return moment


def _runs(session: Appointment, desk: Desk) -> bool:
    return bool(session.starts_at <= desk.now <= session.ends_at)


def _sentence(name: str, facts: dict[str, Any], minutes: int, session: Appointment) -> str:
    """What is said of a mark, as in "Kai S.: late, came 6:30 PM. 2.5 h credited."."""
    if facts["status"] != "present":
        return f"{name}: {ANSWERS[facts['status']][1]}."
    arrived, left = facts.get("arrived_at"), facts.get("left_at")
    late = arrived if arrived and arrived > session.starts_at else None
    parts = [str(ANSWERS["late" if late else "here"][1])]
    if late:
        parts.append(gettext("came %(time)s") % {"time": _clock(late, session)})
    if left:
        parts.append(gettext("left %(time)s") % {"time": _clock(left, session)})
    credited = gettext("%(hours)s credited.") % {"hours": hours(minutes)}
    return f"{name}: {', '.join(parts)}. {credited}"


def _meanwhile(desk: Desk, session: Appointment, row: Row) -> str:
    """Which colleague has marked the person meanwhile, and how."""
    now = desk.rows(Attendance).filter(scope_id=row.record.scope_id, appointment_id=session.id)
    mark = now.first()
    if mark is None:
        return gettext("This attendance has changed meanwhile.")
    names = _staff(desk, session) | {desk.user.id: gettext("you")}
    return gettext(
        "%(name)s is already marked: %(answer)s, by %(who)s at %(time)s. Your mark was not saved."
        " If it is another one, choose it again and say why."
    ) % {
        "who": names.get(mark.recorded_by, ""),
        "name": row.name,
        "answer": in_words(mark, mark),
        "time": _clock(mark.recorded_at, session),
    }


def _clock(moment: datetime, session: Appointment) -> str:
    return formatted(moment.astimezone(ZoneInfo(session.time_zone)), "g:i A")


def _asks(row: Row, session: Appointment, desk: Desk) -> list[Ask]:
    """What the answers that are not recorded yet have to ask first."""
    mark, name = row.mark, {"name": row.name}
    reason = None if mark is None else _suggested_reason(mark, desk)
    began = desk.now >= session.starts_at - EARLY
    asks = []
    if began:
        came = mark.arrived_at if mark and mark.arrived_at else None
        if came is None and mark is None and row.arrival:
            came = max(row.arrival.said_at, session.starts_at)
        asks.append(
            Ask(
                "late",
                gettext("Late: %(name)s") % name,
                reason,
                gettext("Came at"),
                _for_input(came, session),
                now=_runs(session, desk),
            )
        )
    if mark is None:
        return asks
    if mark.status == "present":
        left = _for_input(mark.left_at, session)
        why = gettext("Left early")
        asks.append(
            Ask(LEFT, gettext("Left early: %(name)s") % name, why, gettext("Left at"), left)
        )
    others = [code for code in ANSWERS if code not in ("late", row.answer)]
    headings = {
        "here": gettext("Here: %(name)s"),
        "excused": gettext("Excused: %(name)s"),
        "absent": gettext("Not here: %(name)s"),
    }
    return asks + [Ask(code, headings[code] % name, reason) for code in others]


def _suggested_reason(mark: Attendance, desk: Desk) -> str:
    own = mark.recorded_by == desk.user.id
    return gettext("Marked by mistake") if own and desk.now - mark.recorded_at < FRESH else ""


def _for_input(moment: datetime | None, session: Appointment) -> str:
    return f"{moment.astimezone(ZoneInfo(session.time_zone)):%H:%M}" if moment else ""


def _can_undo(row: Row, desk: Desk) -> bool:
    """Whether the person has just changed an earlier mark. A first mark cannot be taken back, only
    corrected."""
    last = row.versions[-1]
    mine = last.recorded_by == desk.user.id and desk.now - last.recorded_at < FRESH
    return mine and last.version > 1 and last.reason != gettext("Taken back")


def _sessions(desk: Desk, session: uuid.UUID) -> Any:
    return desk.rows(Appointment).filter(id=session).select_related("programme")


def _rows(desk: Desk, session: Appointment) -> list[Row]:
    records = queries.roster(desk.rows(CareRecord), session, desk.user)
    week = queries.week_start(session.programme, session.starts_at)
    weeks = desk.rows(WeekOfHours).filter(week_start=week)
    versions = desk.rows(AttendanceVersion).order_by("version")
    people = records.order_by(*queries.BY_NAME).prefetch_related(
        Prefetch("weekofhours_set", weeks, to_attr="weeks"),
        Prefetch("attended__attendanceversion_set", versions, to_attr="versions"),
    )
    return [
        Row(
            record,
            next(iter(record.arrivals), None),
            next(iter(record.attended), None),
            [version for mark in record.attended for version in mark.versions],
            next(iter(record.weeks), None),
        )
        for record in people
    ]


def _one(desk: Desk, session: uuid.UUID) -> tuple[Appointment, Row]:
    """The session and the person whom the form is about."""
    meeting = get_object_or_404(_sessions(desk, session))
    chosen = desk.request.POST.get("record", "")
    for row in _rows(desk, meeting):
        if row.key == chosen:
            return meeting, row
    raise Refused("not_theirs", "This person does not take part in this session.")


def _others(desk: Desk, session: Appointment, rows: list[Row]) -> Any:
    """The cards of those who take part, and whom this person does not care for."""
    cards = desk.rows(MemberCard).filter(scope_id=session.scope_id, role=MEMBER, left_at=None)
    mine = [row.record.user_id for row in rows]
    return cards.exclude(user_id__in=mine).order_by("alias")


def _staff(desk: Desk, session: Appointment) -> dict[uuid.UUID, str]:
    staff = desk.rows(StaffMember).filter(scope_id=session.programme_id)
    return {member.user_id: member.full_name for member in staff}
