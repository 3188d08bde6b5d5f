"""A person does an exercise. Their counsellor reviews it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from rest_framework import serializers

from notifications import queue
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.care.models import CareRecord
from recovery.care.rules.access import is_own_record
from recovery.feed import publish
from recovery.people import roles
from recovery.practice import queries
from recovery.practice.models import Assignment, Attempt, AttemptReview, ExerciseVersion, WhatHelps
from recovery.practice.notification_types import REVIEWED
from recovery.practice.rules.access import treats
from recovery.practice.rules.answers import check_answers
from recovery.practice.rules.ranking import rank, relief


class RecordAttempt(ActionInput):
    """`answers`: by field id of that version."""

    id = serializers.UUIDField()
    record = Ref(CareRecord)
    exercise = serializers.UUIDField()
    version = serializers.IntegerField(min_value=1, max_value=32_767)
    assignment = Ref(Assignment, required=False, allow_null=True)
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(required=False, allow_null=True)
    before = serializers.IntegerField(min_value=0, max_value=10, required=False, allow_null=True)
    after = serializers.IntegerField(min_value=0, max_value=10, required=False, allow_null=True)
    answers = serializers.DictField(required=False, default=dict)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        version = queries.exercise_version(attrs["exercise"], attrs["version"])
        if version is None:
            raise serializers.ValidationError({"version": "This version is not in the library."})
        finished_at = attrs.get("finished_at")
        if finished_at and finished_at < attrs["started_at"]:
            raise serializers.ValidationError({"finished_at": "This is before the start time."})
        assignment = attrs.get("assignment")
        attempted = (attrs["record"].scope_id, attrs["exercise"])
        if assignment and (assignment.scope_id, assignment.exercise_id) != attempted:
            raise serializers.ValidationError({"assignment": "This is for a different exercise."})
        try:
            answers = check_answers(version.content["steps"], attrs["answers"])
        except serializers.ValidationError as error:
            raise serializers.ValidationError({"answers": error.detail}) from error
        # The handler gets the row of the version, which is then read only once.
        return attrs | {"version": version, "answers": answers}


@action("practice.record_attempt", input=RecordAttempt, allow=is_own_record)
def record_attempt(
    call: Call,
    *,
    id: uuid.UUID,
    record: CareRecord,
    exercise: uuid.UUID,
    version: ExerciseVersion,
    started_at: datetime,
    answers: dict[str, Any],
    assignment: Assignment | None = None,
    finished_at: datetime | None = None,
    before: int | None = None,
    after: int | None = None,
) -> dict[str, str]:
    """Save one attempt at an exercise, complete or not, and update what helps this person.

    The assignment may have been withdrawn while the phone was offline: work is never lost.
    """
    attempt = Attempt(
        id=id,
        scope_id=record.scope_id,
        user_id=call.actor.id,
        exercise_id=exercise,
        version=version.version,
        assignment=assignment,
        started_at=started_at,
        finished_at=finished_at,
        before=before,
        after=after,
        relief=relief(version.content["rating"]["about"], before, after),
        answers=answers,
        recorded_at=call.occurred_at,
        received_at=call.now,
    )
    attempt.save(force_insert=True)
    publish(attempt)
    if attempt.relief is not None:
        _rank_what_helps(call, queries.minimum_runs(record))
    return {"attempt": str(attempt.id)}


def _rank_what_helps(call: Call, minimum: int) -> None:
    """Recompute the person's own ranking."""
    user_id = call.actor.id
    WhatHelps.objects.bulk_create([WhatHelps(id=user_id, scope_id=user_id)], ignore_conflicts=True)
    # Lock before counting: of two phones that rate at the same time, the second then counts the
    # attempt of the first too.
    row = WhatHelps.objects.in_scope(user_id).select_for_update(no_key=True, of=("self",)).get()
    row.minimum_runs = minimum
    row.items = rank(queries.results_of(call.actor), minimum)
    row.save(update_fields=["minimum_runs", "items"])
    publish(row)


class ReviewAttempt(ActionInput):
    id = serializers.UUIDField()
    attempt = Ref(Attempt)
    comment = serializers.CharField(max_length=2000, allow_blank=True, default="")


@action("practice.review_attempt", input=ReviewAttempt, allow=treats("attempt"))
def review_attempt(call: Call, *, id: uuid.UUID, attempt: Attempt, comment: str) -> dict[str, str]:
    """Mark an attempt as reviewed, with or without a comment. Refused: `reviewed` already."""
    # Two counsellors may review at the same time: the unique constraint then refuses the second.
    earlier = AttemptReview.objects.in_scope(attempt.scope_id).filter(attempt=attempt).first()
    if earlier:
        raise Refused("reviewed", "This attempt has already been reviewed.", current=earlier)
    review = AttemptReview(
        id=id,
        scope_id=attempt.scope_id,
        attempt=attempt,
        comment=comment,
        reviewed_by=call.actor.id,
        reviewed_at=call.now,
    )
    review.save(force_insert=True)
    publish(review)
    queue.push(REVIEWED, scope_id=review.scope_id, role=roles.PATIENT)
    return {"attempt_review": str(review.id)}
