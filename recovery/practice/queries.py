"""Reads of exercises and attempts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet

from recovery.care.models import CareRecord
from recovery.care.queries import BY_NAME, with_sort_name
from recovery.feed.context import Actor
from recovery.feed.models import Membership, ScopedQuerySet
from recovery.people.models import name_to_say
from recovery.people.queries import Reading, Unattended, finds_unattended
from recovery.people.roles import Duty, roles_with
from recovery.practice.models import Attempt, AttemptReview, ExerciseVersion
from recovery.practice.rules.ranking import MINIMUM_RUNS, Result


def exercise_version(exercise_id: uuid.UUID, version: int) -> ExerciseVersion | None:
    version_id = ExerciseVersion.id_of(exercise_id, version)
    return ExerciseVersion.objects.filter(id=version_id).first()


def latest_version(exercise_id: uuid.UUID) -> ExerciseVersion | None:
    versions = ExerciseVersion.objects.filter(exercise_id=exercise_id)
    return versions.order_by("-version").first()


def latest_versions() -> list[ExerciseVersion]:
    """Of every exercise, those that were withdrawn too."""
    rows = ExerciseVersion.objects.order_by("exercise_id", "-version")
    return list(rows.distinct("exercise_id"))


def treated_by(user: Actor) -> QuerySet[Any]:
    """The records of the people whom the user treats, by name."""
    mine = Membership.objects.filter(
        user_id=user.id, held=False, role__in=sorted(roles_with(Duty.TREATS))
    )
    rows = with_sort_name(CareRecord.objects.visible_to(user))
    treated = rows.filter(scope_id__any=ArraySubquery(mine.values("scope_id")))
    return treated.filter(entered_in_error_at=None).order_by(*BY_NAME)


def open_assignments(rows: ScopedQuerySet) -> ScopedQuerySet:
    """Those that were not taken back and not tried yet, what is planned first on top."""
    tried = Attempt.objects.filter(scope_id=OuterRef("scope_id"), assignment_id=OuterRef("id"))
    waiting = rows.filter(~Exists(tried), withdrawn_at=None)
    return waiting.order_by(F("due_on").asc(nulls_last=True), "assigned_at", "id")


def unreviewed(rows: ScopedQuerySet) -> ScopedQuerySet:
    """Attempts that nobody has reviewed, the longest wait first."""
    of_row = AttemptReview.objects.filter(scope_id=OuterRef("scope_id"), attempt_id=OuterRef("id"))
    return rows.filter(~Exists(of_row)).order_by("received_at", "id")


def unsigned(rows: ScopedQuerySet, today: date) -> ScopedQuerySet:
    """Check-ins of days that are over and that nobody has signed, the oldest day first."""
    over = rows.filter(signed_at=None, local_date__lt=today)
    return over.order_by("local_date", "slot", "id")


def results_of(user: Actor) -> Iterator[Result]:
    """The user's rated attempts by exercise, in all their care records."""
    return results(Attempt.objects.visible_to(user).filter(user_id=user.id))


def results(attempts: ScopedQuerySet) -> Iterator[Result]:
    """The rated ones of these attempts, by exercise."""
    rated = attempts.filter(relief__isnull=False)
    sums = rated.values("exercise_id").annotate(
        rated=Count("id"), eased=Count("id", filter=Q(relief__gt=0)), mean_relief=Avg("relief")
    )
    return (Result(**row) for row in sums.order_by("exercise_id"))


def minimum_runs(record: CareRecord) -> int:
    """How many rated attempts it takes before the programme says that an exercise helps."""
    minimum = record.programme.settings.get("what_helps", {}).get("minimum_runs", MINIMUM_RUNS)
    return int(minimum)


def waiting_for_review(scope_id: uuid.UUID) -> ScopedQuerySet:
    """The attempts in this record that nobody has reviewed."""
    return unreviewed(Attempt.objects.in_scope(scope_id))


@finds_unattended
def unattended_reviews(reading: Reading) -> Iterator[Unattended]:
    """Attempts that wait for a review in records where nobody may review them."""
    for record, *names, waiting, since in reading.rows("unstaffed_reviews", Duty.TREATS):
        name = name_to_say(*names)
        yield Unattended("reviews", record, name, Duty.TREATS, waiting, since)
