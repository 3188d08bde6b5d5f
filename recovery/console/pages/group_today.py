"""Group today: the brief before a session, the go-round in it, and what was said after it."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext

from recovery.care.models import (
    Appointment,
    ArrivalReport,
    Attendance,
    CareRecord,
    EpisodeChapter,
)
from recovery.care.queries import chapters_by_record
from recovery.console.desk import Desk
from recovery.console.go_round import WORDS, GoRound, go_round
from recovery.console.group import Cards, cards_of, my_card, opened
from recovery.console.page import page
from recovery.conversations.models import MemberCard
from recovery.groups.models import PeerGroup, Round
from recovery.people.roles import MEMBER
from recovery.practice.models import CheckIn
from recovery.practice.rules.contact import day_in_words

PARTS = ("brief", "round", "after")
LAST = 4  # sessions of which the brief knows who came
LATELY = timedelta(days=7)
SOON = timedelta(days=14)


@dataclass
class Comes:
    """One member, and what is good to know of them before the session, in sentences."""

    card: MemberCard
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Meetings:
    """`coming`: the session that goes on or is the next. `past`: the last ones, newest first."""

    coming: Appointment | None
    past: list[Appointment]
    now: Any

    @property
    def runs(self) -> bool:
        return self.coming is not None and self.coming.starts_at <= self.now

    @property
    def is_ahead(self) -> bool:
        return self.coming is not None and self.coming.starts_at > self.now


@page("console/group_today.html")
def group_today(desk: Desk, group: uuid.UUID) -> dict[str, Any]:
    row = opened(desk, group)
    cards = cards_of(desk, row)
    meetings = _meetings(desk, row)
    rounds = desk.rows(Round).filter(scope_id=row.id).order_by("-opened_at", "-id")
    current = next(iter(desk.read(rounds.filter(closed_at=None)[:1])), None)
    last = next(iter(desk.read(rounds.exclude(closed_at=None).order_by("-closed_at")[:1])), None)
    members = [c for c in cards.values() if c.role == MEMBER and c.left_at is None]
    records = _records(desk, row, members)
    part = desk.request.GET.get("part", "")
    if part not in PARTS:
        part = _part_now(desk, meetings, current, last)
    shown = {"brief": _brief, "round": _round, "after": _after}[part]
    scene = Scene(row, cards, members, records, meetings, current, last)
    return {
        "group": row,
        "here": part,
        "coming": meetings.coming,
        "runs": meetings.runs,
        "round": current,
        "leads_with": _leads_with(desk, cards),
        "lists": " ".join([f"group:{row.id}", *(f"care:{each}" for each in records)]),
    } | shown(desk, scene)


@dataclass(frozen=True)
class Scene:
    """All that the parts of the page are about. `records`: of the members whom the reader cares
    for, by the record's id."""

    group: PeerGroup
    cards: Cards
    members: list[MemberCard]
    records: dict[uuid.UUID, CareRecord]
    meetings: Meetings
    current: Round | None
    last: Round | None

    def round(self, desk: Desk, row: Round) -> GoRound:
        return go_round(desk, row, self.cards, my_card(desk, self.group))


def _meetings(desk: Desk, group: PeerGroup) -> Meetings:
    rows = desk.rows(Appointment).filter(scope_id=group.id, status="booked")
    coming = desk.read(rows.filter(ends_at__gt=desk.now).order_by("starts_at", "id")[:1])
    past = desk.read(rows.filter(ends_at__lte=desk.now).order_by("-starts_at", "-id")[:LAST])
    return Meetings(next(iter(coming), None), past, desk.now)


def _records(
    desk: Desk, group: PeerGroup, members: list[MemberCard]
) -> dict[uuid.UUID, CareRecord]:
    rows = desk.rows(CareRecord).filter(
        user_id__in=[card.user_id for card in members],
        programme_id=group.programme_id,
        replaced_by=None,
        entered_in_error_at=None,
    )
    return {record.id: record for record in rows}


def _part_now(desk: Desk, meetings: Meetings, current: Round | None, last: Round | None) -> str:
    """The part that is needed now."""
    coming = meetings.coming
    if current and (not meetings.is_ahead or coming is None or current.on_date < coming.local_date):
        return "round"
    comes_today = meetings.is_ahead and coming and coming.local_date == desk.today
    closed_on = timezone.localdate(last.closed_at) if last and last.closed_at else None
    if closed_on == desk.today and not comes_today:
        return "after"
    return "round" if meetings.runs else "brief"


def _leads_with(desk: Desk, cards: Cards) -> str:
    """Who else leads the group, by the names that it knows."""
    others = [
        card.alias
        for card in cards.values()
        if card.role != MEMBER and card.left_at is None and card.user_id != desk.user.id
    ]
    return str(get_text_list(others, gettext("and")))


def _brief(desk: Desk, scene: Scene) -> dict[str, Any]:
    past = scene.meetings.past
    since = past[0].local_date if past else desk.today - LATELY
    now = scene.round(desk, scene.current) if scene.current else None
    successes = [(line.name, line.row.text) for line in now.of_kind("success")] if now else []
    shared = _shared(desk, scene, since)
    named = {name for name, _ in successes}
    return {
        "successes": successes + [(name, text) for name, text in shared if name not in named],
        "difficulties": now.of_kind("hard") if now else [],
        "comes": _who_comes(desk, scene),
        "left": [
            (card.alias, day_in_words(timezone.localdate(card.left_at), desk.today))
            for card in scene.cards.values()
            if card.role == MEMBER and card.left_at and timezone.localdate(card.left_at) >= since
        ],
        "unknown": len(scene.members) - len(scene.records),
    }


def _shared(desk: Desk, scene: Scene, since: date) -> list[tuple[str, str]]:
    """What went well by the check-ins, of those who let the round hear it: the last of each."""
    rows = desk.rows(CheckIn).filter(
        scope_id__in=scene.records, success_shared=True, local_date__gte=since
    )
    rows = rows.exclude(success=None).exclude(success="").order_by("scope_id", "-local_date", "-id")
    names = {card.user_id: card.alias for card in scene.members}
    shown = desk.read(rows.distinct("scope_id"))
    return sorted((names[scene.records[row.scope_id].user_id], row.success) for row in shown)


def _who_comes(desk: Desk, scene: Scene) -> list[Comes]:
    coming, past = scene.meetings.coming, scene.meetings.past
    ids = [session.id for session in (coming, *past) if session]
    marks = desk.rows(Attendance).filter(scope_id__in=scene.records, appointment_id__in=ids)
    by_user: dict[uuid.UUID, dict[uuid.UUID, Attendance]] = defaultdict(dict)
    for mark in desk.read(marks):
        by_user[scene.records[mark.scope_id].user_id][mark.appointment_id] = mark
    arrivals = desk.rows(ArrivalReport).filter(
        scope_id__in=scene.records, appointment_id=coming.id if coming else None
    )
    arrived = {scene.records[row.scope_id].user_id for row in desk.read(arrivals)}
    levels = _planned_levels(desk, scene)
    rows = []
    for card in scene.members:
        known = by_user[card.user_id]
        notes = [
            *_is_new(card, scene),
            *_today(known.get(coming.id) if coming else None, card.user_id in arrived),
            *_lately([known[each.id] for each in past if each.id in known], desk.today),
            *_leaves(levels.get(card.user_id), desk.today),
        ]
        rows.append(Comes(card, notes))
    return rows


def _is_new(card: MemberCard, scene: Scene) -> list[str]:
    past = scene.meetings.past
    # Before the first session, everybody is.
    is_new = past and card.joined_at >= past[0].ends_at
    return [gettext("New. First time here.")] if is_new else []


def _today(mark: Attendance | None, has_arrived: bool) -> list[str]:
    if mark and mark.status == "excused":
        return [gettext("Excused this time.")]
    return [gettext("Says: I\u2019m here.")] if has_arrived and mark is None else []


def _lately(marks: list[Attendance], today: date) -> list[str]:
    """Who came to the last sessions, of those that are marked, newest first."""
    known = [mark for mark in marks if mark.status != "excused"]
    came = sum(mark.status == "present" for mark in known)
    notes = []
    if known and known[0].status == "absent":
        day = day_in_words(timezone.localdate(known[0].starts_at), today)
        notes.append(gettext("Missed the session %(day)s.") % {"day": day})
    if len(known) > 1:
        words = gettext("Came %(came)s of the last %(all)s times.")
        notes.append(words % {"came": came, "all": len(known)})
    return notes


def _planned_levels(desk: Desk, scene: Scene) -> dict[uuid.UUID, EpisodeChapter]:
    """By user, the next change of level in the next days."""
    planned = {}
    for record_id, chapters in chapters_by_record(list(scene.records)).items():
        for chapter in reversed(chapters):
            if desk.today < chapter.from_date <= desk.today + SOON:
                planned[scene.records[record_id].user_id] = chapter
    desk.read(planned.values())
    return planned


def _leaves(chapter: EpisodeChapter | None, today: date) -> list[str]:
    if chapter is None:
        return []
    words = gettext("The level of care changes %(day)s.")
    return [words % {"day": day_in_words(chapter.from_date, today)}]


def _round(desk: Desk, scene: Scene) -> dict[str, Any]:
    coming = scene.meetings.coming
    soon = coming is not None and coming.local_date <= desk.today + LATELY
    on_date = coming.local_date if coming and soon else desk.today
    shown: dict[str, Any] = {"on_date": on_date.isoformat(), "words": WORDS}
    if scene.current is None:
        return shown
    now = scene.round(desk, scene.current)
    wrote = {each.card_id for each in now.spoken}
    silent = [card for card in scene.members if card.id not in wrote]
    return shown | {
        "go_round": now,
        "silent": silent,
        "wrote": len(scene.members) - len(silent),
        "members": len(scene.members),
    }


def _after(desk: Desk, scene: Scene) -> dict[str, Any]:
    last = scene.last
    session = _session_of(desk, scene)
    marks = desk.rows(Attendance).filter(
        scope_id__in=scene.records, appointment_id=session.id if session else None
    )
    counted = Counter(mark.status for mark in desk.read(marks))
    ended = scene.round(desk, last) if last else None
    wrote = {each.card_id for each in ended.spoken} if ended else set()
    return {
        "ended": ended,
        "wrote": len(wrote),
        "session": session,
        "attendance": _counted(counted),
        "unknown": len(scene.members) - len(scene.records),
        "words": WORDS,
    }


def _session_of(desk: Desk, scene: Scene) -> Appointment | None:
    """The session of the last round that is over or, without one, the last that has begun."""
    if scene.last:
        rows = desk.rows(Appointment).filter(scope_id=scene.group.id, status="booked")
        on_day = rows.filter(local_date=scene.last.on_date).order_by("starts_at", "id")[:1]
        return next(iter(desk.read(on_day)), None)
    if scene.meetings.runs:
        return scene.meetings.coming
    return next(iter(scene.meetings.past), None)


def _counted(counted: Counter[str]) -> str:
    """As in "7 here, 1 excused". Empty, if nobody is marked."""
    parts = [
        (counted["present"], gettext("%(n)s here")),
        (counted["excused"], gettext("%(n)s excused")),
        (counted["absent"], gettext("%(n)s not here")),
    ]
    return ", ".join(words % {"n": n} for n, words in parts if n)


@group_today.act
def open_round(desk: Desk, group: uuid.UUID) -> str:
    form = desk.request.POST
    data = {name: form.get(name, "") for name in ("on_date", "topic")}
    desk.act("groups.open_round", {"id": uuid.uuid5(desk.key, "round"), "group": group} | data)
    return gettext("The round is open. Everybody in the group can write now.")


@group_today.act
def close_round(desk: Desk, group: uuid.UUID) -> str:
    desk.act("groups.close_round", {"round": desk.request.POST.get("round", "")})
    return gettext("The round is closed. Words of support can still be said.")


@group_today.act
def support(desk: Desk, group: uuid.UUID) -> str:
    form = desk.request.POST
    data = {name: form.get(name, "") for name in ("line", "word", "text")}
    desk.act("groups.support_line", data)
    return gettext("Said to %(name)s.") % {"name": form.get("name", "")}
