"""Reads of exercises and attempts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.db.models import Avg, Count, Q

from recovery.care.models import CareRecord
from recovery.feed.context import Actor
from recovery.feed.models import ScopedQuerySet
from recovery.people.models import name_to_say
from recovery.people.queries import Reading, Unattended, finds_unattended
from recovery.people.roles import Duty
from recovery.practice.models import Attempt, ExerciseVersion
from recovery.practice.rules.ranking import MINIMUM_RUNS, Result


def exercise_version(exercise_id: uuid.UUID, version: int) -> ExerciseVersion | None:
    version_id = ExerciseVersion.id_of(exercise_id, version)
    return ExerciseVersion.objects.filter(id=version_id).first()


def latest_version(exercise_id: uuid.UUID) -> ExerciseVersion | None:
    versions = ExerciseVersion.objects.filter(exercise_id=exercise_id)
    return versions.order_by("-version").first()


def results_of(user: Actor) -> Iterator[Result]:
    """The user's rated attempts by exercise, in all their care records."""
    rated = Attempt.objects.visible_to(user).filter(user_id=user.id, relief__isnull=False)
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
    return Attempt.objects.in_scope(scope_id).filter(reviews=None)


@finds_unattended
def unattended_reviews(reading: Reading) -> Iterator[Unattended]:
    """Attempts that wait for a review in records where nobody may review them."""
    for record, *names, waiting, since in reading.rows("unstaffed_reviews", Duty.TREATS):
        name = name_to_say(*names)
        yield Unattended("reviews", record, name, Duty.TREATS, waiting, since)
