"""One person's check-ins and exercises: what they shared with the team."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch
from django.utils.translation import gettext

from recovery.console.check_in_words import in_words
from recovery.console.contact import Person
from recovery.console.desk import Desk
from recovery.console.page import page
from recovery.console.pages.people import turned
from recovery.console.pages.person import PAGE, opened, staff_names, tab
from recovery.console.since import titles_of
from recovery.practice.models import Assignment, Attempt, AttemptReview, CheckIn, ExerciseVersion
from recovery.practice.queries import minimum_runs, results
from recovery.practice.rules.ranking import rank


@page("console/person_check_ins.html")
def check_ins(desk: Desk, record: uuid.UUID) -> dict[str, Any]:
    person = opened(desk, record)
    names = staff_names(desk, person)
    rows = desk.rows(CheckIn).filter(scope_id=record).order_by("-local_date", "-id")
    sheet = Paginator(rows, PAGE).get_page(desk.request.GET.get("page"))
    days = [
        in_words(row) | {"row": row, "signed_by": names.get(row.signed_by, "")}
        for row in desk.read(sheet.object_list)
    ]
    return tab(person, "person_check_ins", days=days, **turned(desk, sheet))


@page("console/person_exercises.html")
def exercises(desk: Desk, record: uuid.UUID) -> dict[str, Any]:
    person = opened(desk, record)
    names = staff_names(desk, person)
    attempts = desk.rows(Attempt).filter(scope_id=record).defer("answers")
    reviews = desk.rows(AttemptReview).filter(scope_id=record)
    newest = attempts.prefetch_related(Prefetch("reviews", reviews)).order_by("-received_at", "-id")
    sheet = Paginator(newest, PAGE).get_page(desk.request.GET.get("page"))
    done = desk.read(sheet.object_list)
    desk.read(review for row in done for review in row.reviews.all())
    titles = titles_of(done, desk.user.locale)
    return tab(
        person,
        "person_exercises",
        assigned=_assigned(desk, person, names),
        done=[_done(row, titles, names) for row in done],
        helps=_helps(desk, person),
        **turned(desk, sheet),
    )


def _done(row: Attempt, titles: dict[Any, str], names: dict[uuid.UUID, str]) -> dict[str, Any]:
    review = next(iter(row.reviews.all()), None)
    return {
        "row": row,
        "title": titles[row.exercise_id, row.version],
        "review": review,
        "reviewed_by": names.get(review.reviewed_by, "") if review else "",
    }


def _assigned(desk: Desk, person: Person, names: dict[uuid.UUID, str]) -> list[dict[str, Any]]:
    """The newest first, with the name of who assigned it, and whether it was tried."""
    tried = Attempt.objects.filter(scope_id=OuterRef("scope_id"), assignment_id=OuterRef("id"))
    rows = desk.rows(Assignment).filter(scope_id=person.id).annotate(is_tried=Exists(tried))
    assigned = desk.read(rows.order_by("-assigned_at", "-id")[:PAGE])
    titles = _latest_titles({row.exercise_id for row in assigned}, desk.user.locale)
    return [
        {"row": row, "title": titles[row.exercise_id], "by": names.get(row.assigned_by, "")}
        for row in assigned
    ]


def _helps(desk: Desk, person: Person) -> list[dict[str, Any]]:
    """What they themselves rated better afterwards, by what they shared in this record."""
    shared = desk.rows(Attempt).filter(scope_id=person.id)
    ranked = rank(results(shared), minimum_runs(person.record))
    titles = _latest_titles({uuid.UUID(each["exercise"]) for each in ranked}, desk.user.locale)
    return [each | {"title": titles[uuid.UUID(each["exercise"])]} for each in ranked]


def _latest_titles(exercises: set[uuid.UUID], locale: str) -> dict[uuid.UUID, str]:
    unknown = gettext("an exercise that this library does not have")
    rows = ExerciseVersion.objects.filter(exercise_id__in=exercises).order_by("version")
    known = {row.exercise_id: str(row.content["title"][locale]) for row in rows}
    return {each: known.get(each, unknown) for each in exercises}
