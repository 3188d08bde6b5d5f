"""Hours this week: who is short before the payer's week closes."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from recovery.care import queries
from recovery.care.models import Appointment, Attendance, CareRecord, Episode, WeekOfHours
from recovery.care.rules.timetable import local_date
from recovery.console.audience import Owner, person
from recovery.console.desk import Desk
from recovery.console.page import page
from recovery.console.pages.timetable import sessions_of_week, week_asked
from recovery.conversations.models import MemberCard
from recovery.people.roles import MEMBER


@dataclass(frozen=True)
class Hours:
    """One person's week, in minutes. `unmarked`: of sessions that are over and have no attendance
    yet. `in_care`: care has not ended."""

    week: WeekOfHours
    owner: Owner
    level: str
    booked: int
    unmarked: int
    in_care: bool

    @property
    def missing(self) -> int:
        """What nothing is planned for."""
        if not self.in_care:
            return 0
        return max(0, self.open - self.booked - self.unmarked)

    @property
    def open(self) -> int:
        """What is not done yet."""
        return max(0, self.week.minutes_target - self.week.minutes_done)


@page("console/hours.html")
def hours(desk: Desk) -> dict[str, Any]:
    first, today = week_asked(desk), timezone.localdate(desk.now)
    people = people_of_week(desk, first)
    last = first + timedelta(days=6)
    return {
        "first": first,
        "last": last,
        "before": first - timedelta(days=7),
        "after": first + timedelta(days=7),
        "today": today,
        "is_over": last < today,
        "days_left": (last - today).days,
        "people": people,
        "short": sum(each.missing > 0 for each in people),
    }


def people_of_week(desk: Desk, first: date) -> list[Hours]:
    """Everybody with hours to reach in the week, who misses most first."""
    weeks = desk.rows(WeekOfHours).filter(week_start=first, minutes_target__gt=0)
    weeks = weeks.filter(record__programme=desk.programme, record__replaced_by=None)
    rows = desk.read(
        weeks.filter(record__entered_in_error_at=None).select_related("record", "level")
    )
    records = {record.id: record for record in desk.read(row.record for row in rows)}
    booked, unmarked = planned(desk, first, records)
    open_episodes = desk.rows(Episode).filter(scope_id__in=records, ended_on=None)
    in_care = set(open_episodes.values_list("record_id", flat=True))
    people = [
        Hours(
            row,
            person(row.record),
            row.level.name.get(desk.user.locale) or row.level.name["en"],
            booked[row.record_id],
            unmarked[row.record_id],
            row.record_id in in_care,
        )
        for row in rows
    ]
    return sorted(
        people, key=lambda each: (-each.missing, -each.open, each.owner.name, each.week.id)
    )


def planned(
    desk: Desk, first: date, records: dict[uuid.UUID, CareRecord]
) -> tuple[dict[uuid.UUID, int], dict[uuid.UUID, int]]:
    """By record, the minutes of sessions that are still to come in the week, and of those that are
    over without attendance. Only of sessions that the person at the desk sees."""
    booked: dict[uuid.UUID, int] = defaultdict(int)
    unmarked: dict[uuid.UUID, int] = defaultdict(int)
    sessions = list(sessions_of_week(desk, first).filter(status="booked"))
    attending = attending_by_scope(desk, sessions, records)
    marked = set(
        desk.rows(Attendance)
        .filter(scope_id__in=records, appointment_id__in=[row.id for row in sessions])
        .values_list("record_id", "appointment_id")
    )
    levels = queries.levels_by_record(records, desk.programme) if desk.programme else {}
    for row in sessions:
        day = local_date(row.starts_at, desk.zone.key)
        minutes = int((row.ends_at - row.starts_at).total_seconds() // 60)
        for record, since in attending[row.scope_id]:
            if (record, row.id) in marked or (since and row.starts_at < since):
                continue
            if levels[record].take_away(row.kind, day):
                continue
            (booked if row.ends_at > desk.now else unmarked)[record] += minutes
    return booked, unmarked


def attending_by_scope(
    desk: Desk, sessions: list[Appointment], records: dict[uuid.UUID, CareRecord]
) -> dict[uuid.UUID, list[tuple[uuid.UUID, Any]]]:
    """Who takes part in the sessions of a scope, and from when on."""
    by_user = {record.user_id: record.id for record in records.values()}
    attending: dict[uuid.UUID, list[tuple[uuid.UUID, Any]]] = defaultdict(list)
    for record in records.values():
        attending[record.scope_id].append((record.id, None))
    cards = desk.rows(MemberCard).filter(
        scope_id__in={row.scope_id for row in sessions},
        user_id__in=by_user,
        role=MEMBER,
        left_at=None,
    )
    for scope_id, user_id, joined_at in cards.values_list("scope_id", "user_id", "joined_at"):
        attending[scope_id].append((by_user[user_id], joined_at))
    return attending
