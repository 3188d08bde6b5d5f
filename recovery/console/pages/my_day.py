"""My day: who needs this person now, and why, the longest wait first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Min
from django.utils.translation import gettext

from recovery.care.models import Appointment, CorrectionRequest
from recovery.care.queries import cared_for_by
from recovery.console.audience import Owner, owners
from recovery.console.contact import AHEAD, show
from recovery.console.desk import Desk
from recovery.console.group import led
from recovery.console.names import name_of
from recovery.console.page import page
from recovery.console.pages import announcements, invitations, unattended
from recovery.console.pages.people import to_contact
from recovery.console.pages.person_details import FIELDS
from recovery.console.pages.review import attempts, unsigned
from recovery.console.words import since_day, time_since
from recovery.people.roles import Duty
from recovery.practice.queries import unreviewed

FIRST = 5  # of each list; the page behind it has them all


@dataclass(frozen=True)
class Slot:
    session: Appointment
    owner: Owner | None
    is_led: bool
    is_now: bool
    is_over: bool


@page("console/my_day.html")
def my_day(desk: Desk) -> dict[str, Any]:
    waiting = {
        "people": _people(desk),
        "reviews": _reviews(desk),
        "check_ins": _check_ins(desk),
        "corrections": _corrections(desk),
        "codes": invitations.to_approve(desk, FIRST),
        "announcements": announcements.noteworthy(desk),
        "unattended": _unattended(desk),
    }
    sessions = _sessions(desk)
    ahead = [each for each in sessions if not each.is_over]
    return {
        **waiting,
        "is_quiet": not any(waiting.values()),
        "sessions": sessions,
        "next": next(iter(ahead), None) or _next(desk),
        "lists": "care group program staff",
    }


def _people(desk: Desk) -> dict[str, Any] | None:
    """Who needs contact today, as on the caseload."""
    everybody = to_contact(desk)
    first = everybody[:FIRST]
    show(desk, first)
    if not first:
        return None
    return {
        "number": len(everybody),
        "first": [(each, since_day(each.reasons[0].since, desk.today)) for each in first],
    }


def _reviews(desk: Desk) -> dict[str, Any] | None:
    """How many attempts wait for this person, and for how long the oldest of them does."""
    of_mine = unreviewed(attempts(desk))
    waiting = of_mine.order_by().aggregate(number=Count("id"), oldest=Min("received_at"))
    if not waiting["number"]:
        return None
    if desk.now - waiting["oldest"] < timedelta(minutes=1):
        return waiting | {"oldest": gettext("The oldest came just now.")}
    words = gettext("The oldest has waited %(time)s.")
    return waiting | {"oldest": words % {"time": time_since(waiting["oldest"], desk.now)}}


def _check_ins(desk: Desk) -> dict[str, Any] | None:
    """How many check-ins wait for a signature, and the day of the oldest."""
    waiting = unsigned(desk).order_by().aggregate(number=Count("id"), oldest=Min("local_date"))
    return waiting if waiting["number"] else None


def _corrections(desk: Desk) -> dict[str, Any] | None:
    """What people whom this person cares for want corrected in their records."""
    mine = cared_for_by(desk.user).filter(programme=desk.programme).order_by()
    rows = desk.rows(CorrectionRequest).filter(state="open", scope_id__in=mine.values("scope_id"))
    waiting = list(rows.select_related("record").order_by("asked_at", "id"))
    first = desk.read(waiting[:FIRST])
    desk.read(row.record for row in first)
    if not first:
        return None
    return {
        "number": len(waiting),
        "first": [
            {
                "row": row,
                "name": name_of(row.record),
                "field": FIELDS[row.field],
                "waits": time_since(row.asked_at, desk.now),
            }
            for row in first
        ],
    }


def _unattended(desk: Desk) -> dict[str, Any] | None:
    """What nobody on the staff is in, for administrators."""
    if desk.programme is None or not desk.has(Duty.MANAGES):
        return None
    places, has_more = unattended.places(desk, desk.programme, FIRST)
    return {"places": places, "has_more": has_more} if places else None


def _sessions(desk: Desk) -> list[Slot]:
    """What takes place today, with the group or person that it is for."""
    begins = datetime.combine(desk.today, time(), desk.zone)
    today = _booked(desk).filter(starts_at__gte=begins, starts_at__lt=begins + timedelta(days=1))
    return _slots(desk, today)


def _next(desk: Desk) -> Slot | None:
    """The next session on another day."""
    soon = _booked(desk).filter(starts_at__gt=desk.now, starts_at__lt=desk.now + AHEAD)
    return next(iter(_slots(desk, soon[:1])), None)


def _booked(desk: Desk) -> Any:
    rows = desk.rows(Appointment).filter(programme=desk.programme, status="booked")
    return rows.order_by("starts_at", "id")


def _slots(desk: Desk, sessions: Iterable[Appointment]) -> list[Slot]:
    rows = desk.read(sessions)
    scopes = {row.scope_id for row in rows}
    by_scope = owners(desk, scopes)
    mine = set(led(desk).filter(scope_id__in=scopes).values_list("scope_id", flat=True))
    return [
        Slot(
            row,
            by_scope.get(row.scope_id),
            is_led=row.scope_id in mine,
            is_now=row.starts_at <= desk.now < row.ends_at,
            is_over=row.ends_at <= desk.now,
        )
        for row in rows
    ]
