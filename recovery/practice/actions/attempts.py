"""A person does an exercise. Their counsellor reviews it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rest_framework import serializers

from notifications import queue
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.fields import Moment, Text, Whole
from recovery.actions.self_reports import SelfReport, as_json
from recovery.care.models import CareRecord
from recovery.care.rules.access import is_own_record
from recovery.feed import publish
from recovery.people import roles
from recovery.people.actions.handover import Need, needs
from recovery.people.roles import Duty
from recovery.practice import queries
from recovery.practice.models import Assignment, Attempt, AttemptReview, WhatHelps
from recovery.practice.notification_types import REVIEWED
from recovery.practice.rules.access import treats
from recovery.practice.rules.answers import read_answers
from recovery.practice.rules.ranking import rank, relief


def rating() -> Whole:
    return Whole(min_value=0, max_value=10, required=False, allow_null=True)


class RecordAttempt(SelfReport):
    """`answers`: by field id of that version. The phone makes the id."""

    about = ("record",)
    own = ("before", "after", "answers")
    by_app = ("id", "exercise", "version", "assignment", "started_at", "finished_at")

    id = serializers.UUIDField(required=False)
    record = Ref(CareRecord)
    exercise = serializers.UUIDField(required=False)
    version = Whole(min_value=1, max_value=32_767, required=False)
    assignment = Ref(Assignment, required=False, allow_null=True)
    started_at = Moment(required=False)
    finished_at = Moment(required=False, allow_null=True)
    before = rating()
    after = rating()
    answers = serializers.DictField(required=False, default=dict)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        self._check_times(attrs)
        assignment = attrs.get("assignment")
        attempted = (attrs["record"].scope_id, attrs.get("exercise"))
        if assignment and (assignment.scope_id, assignment.exercise_id) != attempted:
            del attrs["assignment"]
            self.put_aside("assignment")
        known = None
        if "exercise" in attrs and "version" in attrs:
            known = queries.exercise_version(attrs["exercise"], attrs["version"])
        if known:
            attrs["answers"], unread = read_answers(known.content["steps"], attrs["answers"])
            if unread:
                self.put_aside("answers", unread)
        else:
            # Nobody knows which answers this version allows, so they are kept as they are.
            self.put_aside("version")
            attrs["answers"] = as_json(attrs["answers"])
        return attrs

    def _check_times(self, attrs: dict[str, Any]) -> None:
        started, finished = attrs.get("started_at"), attrs.get("finished_at")
        if started and finished and finished < started:
            del attrs["finished_at"]
            self.put_aside("finished_at")


@action("practice.record_attempt", input=RecordAttempt, allow=is_own_record)
def record_attempt(
    call: Call,
    *,
    record: CareRecord,
    answers: dict[str, Any],
    id: uuid.UUID | None = None,
    exercise: uuid.UUID = Attempt.NO_EXERCISE,
    version: int = Attempt.NO_VERSION,
    started_at: datetime | None = None,
    assignment: Assignment | None = None,
    finished_at: datetime | None = None,
    before: int | None = None,
    after: int | None = None,
) -> dict[str, str]:
    """Save one attempt at an exercise, complete or not, and update what helps this person.

    The assignment may have been withdrawn while the phone was offline: work is never lost.
    """
    known = queries.exercise_version(exercise, version)
    attempt = Attempt(
        id=id or call.made_id("attempt"),
        scope_id=record.scope_id,
        user_id=call.actor.id,
        exercise_id=exercise,
        version=version,
        assignment=assignment,
        started_at=started_at or finished_at or call.occurred_at,
        finished_at=finished_at,
        before=before,
        after=after,
        relief=relief(known.content["rating"]["about"], before, after) if known else None,
        answers=answers,
        recorded_at=call.occurred_at,
        received_at=call.now,
        unread=call.unread or None,
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
    comment = Text(max_length=2000, allow_blank=True, default="")


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


@needs("care")
def reviews_need(call: Call, scope_id: uuid.UUID) -> Iterator[Need]:
    """Attempts that wait for a review, as one thing."""
    waiting = queries.waiting_for_review(scope_id).count()
    if waiting:
        yield Need("reviews", scope_id, "", Duty.TREATS, waiting)
