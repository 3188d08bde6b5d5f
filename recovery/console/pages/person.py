"""One person, before and during a talk: what happened lately, and the story of their care."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _

from recovery.care.models import (
    Appointment,
    Attendance,
    AttendanceVersion,
    CareTeamMember,
    CorrectionRequest,
    Episode,
    EpisodeEnding,
    WeekOfHours,
)
from recovery.care.queries import cared_for_by, chapters_by_record
from recovery.console.contact import Person, people, sessions_of, show
from recovery.console.desk import Desk
from recovery.console.page import page
from recovery.console.pages.people import turned
from recovery.console.since import since_the_last_talk
from recovery.conversations.models import MemberCard
from recovery.feed.models import Membership
from recovery.groups.models import PeerGroup
from recovery.people.models import StaffMember
from recovery.people.roles import ROLE_NAMES
from recovery.privacy.models import Consent
from recovery.privacy.rules.wording import GROUP_CONSENT
from recovery.signin.models import User

TABS = [
    ("person", _("Before a talk")),
    ("person_story", _("Story")),
    ("person_sessions", _("Sessions")),
    ("person_check_ins", _("Check-ins")),
    ("person_exercises", _("Exercises")),
    ("person_groups", _("Groups")),
    ("person_details", _("Details")),
]
PAGE = 50
WEEKS = 8
AHEAD = timedelta(days=28)  # as far as sessions are made
REASONS = {
    "completed": _("Completed"),
    "left": _("Left the program"),
    "ended_by_programme": _("Ended by the program"),
    "transferred": _("Transferred to another program"),
    "moved": _("Moved away"),
    "incarcerated": _("Incarcerated"),
    "died": _("Died"),
    "other": _("Another reason"),
}
FOLLOWS = {
    "alumni": _("Goes on as an alumnus"),
    "referral": _("A referral"),
    "nothing": _("Nothing"),
}
STATUSES = {"present": _("Here"), "absent": _("Missed"), "excused": _("Excused")}


def opened(desk: Desk, record: uuid.UUID) -> Person:
    """A person on whose care team the reader is. Their name and level are shown on every tab."""
    rows = cared_for_by(desk.user).filter(scope_id=record).select_related("programme")
    row = desk.read_one(rows)
    person = Person(row, desk.user.locale, desk.now, desk.today)
    person.chapters = chapters_by_record([row.id])[row.id]
    desk.read([person.chapter] if person.chapter else [])
    return person


def tab(person: Person, here: str, **shown: Any) -> dict[str, Any]:
    return {"person": person, "tabs": TABS, "here": here, **shown}


def staff_names(desk: Desk, person: Person) -> dict[uuid.UUID, str]:
    """Everybody who is or was on the programme's staff, by their account."""
    rows = desk.rows(StaffMember).filter(scope_id=person.record.programme_id)
    return {row.user_id: row.full_name for row in rows}


@page("console/person.html")
def person(desk: Desk, record: uuid.UUID) -> dict[str, Any]:
    row = opened(desk, record).record
    [person] = people(desk, [row], row.programme)
    show(desk, [person])
    names = staff_names(desk, person)
    requests = desk.rows(CorrectionRequest).filter(scope_id=person.id, state="open")
    return tab(
        person,
        "person",
        since=since_the_last_talk(desk, person),
        requests=len(desk.read(requests)),
        team=team_of(desk, person, names),
        phone=phone_of(person),
    )


def team_of(desk: Desk, person: Person, names: dict[uuid.UUID, str]) -> list[dict[str, Any]]:
    """The care team: `member`, `name`, `role`, and whether it is the reader."""
    rows = desk.rows(CareTeamMember).filter(scope_id=person.id, until=None)
    return [
        {
            "member": row,
            "name": names.get(row.user_id, ""),
            "role": ROLE_NAMES[row.role],
            "is_me": row.user_id == desk.user.id,
        }
        for row in desk.read(rows.order_by("since", "id"))
    ]


def phone_of(person: Person) -> str:
    """What the person's phone can show of the record: `all`, `nothing_yet` before they have
    confirmed the notice, or `closed`."""
    user_id = person.record.user_id
    here = Membership.objects.filter(scope_id=person.id, user_id=user_id).first()
    if here is None or not User.objects.filter(id=user_id, is_active=True).exists():
        return "closed"
    return "nothing_yet" if here.held else "all"


@page("console/person_story.html")
def story(desk: Desk, record: uuid.UUID) -> dict[str, Any]:
    person = opened(desk, record)
    names = staff_names(desk, person)
    episodes = desk.rows(Episode).filter(scope_id=record).order_by("-started_on", "-id")
    endings = desk.rows(EpisodeEnding).filter(scope_id=record).order_by("-recorded_at", "-id")
    decided = desk.read(endings)
    chapters = desk.read(person.chapters)
    courses = [
        {
            "episode": episode,
            "endings": [_ending(row, names) for row in decided if row.episode_id == episode.id],
            "chapters": [
                _chapter(row, person, names)
                for row in reversed(chapters)
                if row.episode_id == episode.id
            ],
        }
        for episode in desk.read(episodes)
    ]
    return tab(person, "person_story", courses=courses)


def _chapter(row: Any, person: Person, names: dict[uuid.UUID, str]) -> dict[str, Any]:
    return {
        "row": row,
        "level": row.level.name.get(person.locale) or row.level.name["en"],
        "hours": row.minutes_target,
        # What admission writes is a code.
        "reason": "" if row.reason == "admission" else row.reason,
        "by": names.get(row.decided_by, ""),
        "is_now": row == person.chapter,
        "is_planned": row.from_date > person.today,
    }


def _ending(row: EpisodeEnding, names: dict[uuid.UUID, str]) -> dict[str, Any]:
    return {
        "row": row,
        "reason": REASONS.get(row.end_reason, ""),
        "follows": FOLLOWS.get(row.follows, ""),
        "by": names.get(row.recorded_by, ""),
    }


@page("console/person_sessions.html")
def sessions(desk: Desk, record: uuid.UUID) -> dict[str, Any]:
    person = opened(desk, record)
    attendance = desk.rows(Attendance).filter(scope_id=record).order_by("-starts_at", "-id")
    sheet = Paginator(attendance, PAGE).get_page(desk.request.GET.get("page"))
    rows = desk.read(sheet.object_list)
    weeks = desk.rows(WeekOfHours).filter(scope_id=record, minutes_target__gt=0)
    return tab(
        person,
        "person_sessions",
        ahead=ahead_of(desk, person),
        attendance=[
            {"row": row, "status": STATUSES[row.status], "reason": reason}
            for row, reason in _with_reasons(desk, person, rows)
        ],
        weeks=desk.read(weeks.order_by("-week_start")[:WEEKS]),
        **turned(desk, sheet),
    )


def ahead_of(desk: Desk, person: Person) -> list[Appointment]:
    """Their sessions to come that the reader sees."""
    until = desk.now + AHEAD
    mine = sessions_of(desk, {person.id: person}, person.record.programme, desk.now, until)
    return desk.read([session for _, session in mine])


def _with_reasons(
    desk: Desk, person: Person, rows: list[Attendance]
) -> list[tuple[Attendance, str]]:
    """With the reason of the last correction, where there was one."""
    corrected = [row.id for row in rows if row.version > 1]
    versions = desk.rows(AttendanceVersion).filter(scope_id=person.id, attendance__in=corrected)
    reasons = {row.attendance_id: row.reason for row in desk.read(versions.order_by("version"))}
    return [(row, reasons.get(row.id, "")) for row in rows]


@page("console/person_groups.html")
def groups(desk: Desk, record: uuid.UUID) -> dict[str, Any]:
    person = opened(desk, record)
    mine = desk.rows(PeerGroup).order_by("name", "id")
    theirs = desk.rows(MemberCard).filter(user_id=person.record.user_id)
    cards = desk.read(theirs.filter(scope_id__in=[group.id for group in mine]))
    by_group = {card.scope_id: card for card in cards}
    nexts: dict[uuid.UUID, Appointment] = {}
    for session in ahead_of(desk, person):
        nexts.setdefault(session.scope_id, session)
    consents = desk.rows(Consent).filter(scope_id=record, kind=GROUP_CONSENT)
    return tab(
        person,
        "person_groups",
        groups=[
            {"group": group, "card": by_group[group.id], "next": nexts.get(group.id)}
            for group in desk.read(group for group in mine if group.id in by_group)
        ],
        consents=desk.read(consents.order_by("-signed_at", "-id")),
    )
