"""A person does an exercise; their counsellor looks at it with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from notifications import queue
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.care.models import CareRecord
from recovery.care.rules.access import is_own_record
from recovery.feed import publish
from recovery.practice import queries
from recovery.practice.models import Assignment, Attempt, AttemptReview, WhatHelps
from recovery.practice.notification_types import REVIEWED
from recovery.practice.rules.access import treats
from recovery.practice.rules.answers import check_answers
from recovery.practice.rules.ranking import rank, relief


class RecordAttempt(ActionInput):
    """`answers` by field id of that version. Everything but what was done and when is optional."""

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
            raise serializers.ValidationError({"version": "The library has no such version."})
        _check_order(attrs["started_at"], attrs.get("finished_at"))
        _check_assignment(attrs)
        about = version.content["rating"]["about"]
        return attrs | {
            "answers": _checked_answers(version.content["steps"], attrs["answers"]),
            "relief": relief(about, attrs.get("before"), attrs.get("after")),
        }


def _check_order(started_at: datetime, finished_at: datetime | None) -> None:
    if finished_at and finished_at < started_at:
        raise serializers.ValidationError({"finished_at": "This is before the start."})


def _check_assignment(attrs: dict[str, Any]) -> None:
    assignment = attrs.get("assignment")
    asked_for = assignment and (assignment.scope_id, assignment.exercise_id)
    if assignment and asked_for != (attrs["record"].scope_id, attrs["exercise"]):
        raise serializers.ValidationError({"assignment": "This asked for something else."})


def _checked_answers(steps: list[dict[str, Any]], answers: dict[str, Any]) -> dict[str, Any]:
    try:
        return check_answers(steps, answers)
    except serializers.ValidationError as error:
        raise serializers.ValidationError({"answers": error.detail}) from error


@action("practice.record_attempt", input=RecordAttempt, allow=is_own_record)
def record_attempt(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Keep one doing of an exercise, whole or in part, and learn from its ratings.

    An assignment that was withdrawn while the phone was away does not matter: work is never lost.
    """
    record = data.pop("record")
    attempt = Attempt(
        scope_id=record.scope_id,
        user_id=call.actor.id,
        exercise_id=data.pop("exercise"),
        recorded_at=call.occurred_at,
        received_at=call.now,
        **data,
    )
    attempt.save(force_insert=True)
    publish(attempt)
    if attempt.relief is not None:
        _learn_what_helps(call, queries.minimum_runs(record))
    return {"attempt": str(attempt.id)}


def _learn_what_helps(call: Call, minimum: int) -> None:
    """Work out the person's own ranking anew.

    The row is locked before the attempts are counted: of two phones that rate at once, the
    second counts the first one's attempt too.
    """
    mine = call.actor.id
    WhatHelps.objects.bulk_create([WhatHelps(id=mine, scope_id=mine)], ignore_conflicts=True)
    row = WhatHelps.objects.in_scope(mine).select_for_update(no_key=True, of=("self",)).get()
    row.minimum_runs = minimum
    row.items = rank(queries.results_of(call.actor), minimum)
    row.save(update_fields=["minimum_runs", "items"])
    publish(row)


class ReviewAttempt(ActionInput):
    id = serializers.UUIDField()
    attempt = Ref(Attempt)
    comment = serializers.CharField(max_length=2000, allow_blank=True, default="")


@action("practice.review_attempt", input=ReviewAttempt, allow=treats("attempt"))
def review_attempt(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Say that an attempt was looked at, and what there is to say. Refused: `reviewed` already."""
    attempt = data["attempt"]
    earlier = AttemptReview.objects.in_scope(attempt.scope_id).filter(attempt=attempt).first()
    if earlier:
        raise Refused("reviewed", "This was reviewed already.", current=earlier)
    review = AttemptReview(
        id=data["id"],
        scope_id=attempt.scope_id,
        attempt=attempt,
        comment=data["comment"],
        reviewed_by=call.actor.id,
        reviewed_at=call.now,
    )
    review.save(force_insert=True)
    publish(review)
    queue.push(REVIEWED, scope_id=review.scope_id, role="patient")
    return {"attempt_review": str(review.id)}
