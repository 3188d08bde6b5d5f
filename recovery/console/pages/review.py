"""Review: what people did with their tools, longest wait first, answered in one line."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Prefetch
from django.http import Http404
from django.utils.translation import gettext

from recovery.care.models import CareRecord
from recovery.console.desk import Desk
from recovery.console.exercises import answered, title_of, versions_of
from recovery.console.names import first_name, name_of
from recovery.console.page import page
from recovery.console.words import time_since
from recovery.people.models import StaffMember
from recovery.practice import queries
from recovery.practice.documents import in_locale
from recovery.practice.models import Attempt, AttemptReview, CheckIn

MOST = 50  # shown at once; the others follow when these are done
EARLIER = 5


@page("console/review.html")
def review(desk: Desk) -> dict[str, Any]:
    person = chosen(desk)
    waiting = of_person(queries.unreviewed(attempts(desk)), person)
    return {
        "queue": _in_words(desk, waiting[:MOST]),
        "number": waiting.count(),
        "check_ins": of_person(unsigned(desk), person).count(),
        "person": person,
        "lists": "care",
    }


@page("console/review_attempt.html")
def review_attempt(desk: Desk, attempt: uuid.UUID) -> dict[str, Any]:
    reviews = Prefetch("reviews", desk.rows(AttemptReview))
    rows = attempts(desk).select_related("assignment").prefetch_related(reviews)
    shown = desk.read_one(rows.filter(id=attempt))
    record = desk.rows(CareRecord).get(id=shown.scope_id)
    before = rows.filter(
        scope_id=shown.scope_id, exercise_id=shown.exercise_id, received_at__lt=shown.received_at
    ).exclude(exercise_id=Attempt.NO_EXERCISE)
    earlier = desk.read(before.order_by("-received_at", "-id")[:EARLIER])
    versions = versions_of([shown, *earlier])
    version = versions.get((shown.exercise_id, shown.version))
    queue = _in_words(desk, queries.unreviewed(attempts(desk))[:MOST])
    place = next((i for i, each in enumerate(queue) if each["id"] == shown.id), len(queue))
    staff = {each.user_id: each.full_name for each in desk.rows(StaffMember)}
    others = [each for each in queue if each["id"] != shown.id]
    return {
        "attempt": shown,
        "name": name_of(record),
        "first_name": first_name(record),
        "locale": record.locale,
        "title": title_of(version, desk.user.locale),
        "question": version and in_locale(version.content, desk.user.locale)["rating"]["question"],
        "steps": answered(version, shown, desk.user.locale),
        "asked_by": staff.get(shown.assignment.assigned_by, "") if shown.assignment else "",
        "review": next((_review(each, staff) for each in shown.reviews.all()), None),
        "earlier": [
            {
                "row": each,
                "review": next((_review(one, staff) for one in each.reviews.all()), None),
            }
            for each in earlier
        ],
        "queue": queue,
        # Who has waited longest of those after this one; after the last one, from the top.
        "next": next(iter([*others[place:], *others]), None),
    }


def _review(row: AttemptReview, staff: dict[uuid.UUID, str]) -> dict[str, Any]:
    return {"row": row, "by": staff.get(row.reviewed_by) or gettext("Your team")}


@review_attempt.act
def answer(desk: Desk, attempt: uuid.UUID) -> str:
    """Empty words only say that it was read."""
    comment = desk.request.POST.get("comment", "").strip()
    id_ = uuid.uuid5(uuid.UUID(desk.request.POST["key"]), "review")
    data = {"id": str(id_), "attempt": str(attempt), "comment": comment}
    desk.act("practice.review_attempt", data)
    with desk.reading():
        scope = desk.rows(Attempt).get(id=attempt).scope_id
        name = first_name(desk.rows(CareRecord).get(id=scope))
    if comment:
        return gettext("Sent to %(name)s.") % {"name": name}
    return gettext("%(name)s will see that you read it.") % {"name": name}


def _treated(desk: Desk) -> Any:
    return queries.treated_by(desk.user).filter(programme=desk.programme)


def chosen(desk: Desk) -> dict[str, Any] | None:
    """The one person that the address asks for: `id` and `name`. None: it asks for everybody.
    Http404, if the reader does not treat them."""
    if "person" not in desk.request.GET:
        return None
    try:
        record = uuid.UUID(desk.request.GET["person"])
    except ValueError:
        raise Http404 from None
    row = desk.read_one(_treated(desk).filter(id=record))
    return {"id": row.id, "name": name_of(row)}


def of_person(rows: Any, person: dict[str, Any] | None) -> Any:
    return rows.filter(scope_id=person["id"]) if person else rows


def attempts(desk: Desk) -> Any:
    """What the people whom this person treats have done."""
    return desk.rows(Attempt).filter(scope_id__in=_treated(desk).values("id"))


def unsigned(desk: Desk) -> Any:
    """The check-ins that wait for a signature, of days that are over at the programme."""
    rows = desk.rows(CheckIn).filter(scope_id__in=_treated(desk).values("id"))
    return queries.unsigned(rows, desk.now.astimezone(desk.zone).date())


def _in_words(desk: Desk, attempts: Any) -> list[dict[str, Any]]:
    """Who waits how long, and for what."""
    rows = desk.read(attempts)
    records = desk.rows(CareRecord).filter(id__in={row.scope_id for row in rows})
    names = {record.id: name_of(record) for record in records}
    versions = versions_of(rows)
    return [
        {
            "id": row.id,
            "name": names[row.scope_id],
            "title": title_of(versions.get((row.exercise_id, row.version)), desk.user.locale),
            "waits": time_since(row.received_at, desk.now),
            "received_at": row.received_at,
            "is_finished": row.finished_at is not None,
        }
        for row in rows
    ]
