"""What phones see of exercises, attempts and check-ins."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recovery.actions.self_reports import SelfReportDocument
from recovery.care.rules.settings import ANSWERS
from recovery.feed import Policy, document
from recovery.people.rules import LOCALES
from recovery.practice.models import (
    Assignment,
    Attempt,
    AttemptReview,
    CheckIn,
    ExerciseText,
    WhatHelps,
)


@document("exercise", ExerciseText, conflict=Policy.SERVER_OWNED)
class ExerciseDocument(serializers.BaseSerializer[ExerciseText]):
    """One version of an exercise in one language, in the shape of `ExerciseSpec`."""

    def to_representation(self, instance: ExerciseText) -> dict[str, Any]:
        content = in_locale(instance.exercise_version.content, instance.locale)
        content["exercise"] = content.pop("id")
        return content


@document("assignment", Assignment, conflict=Policy.STEPS)
class AssignmentDocument(serializers.ModelSerializer[Assignment]):
    exercise = serializers.UUIDField(source="exercise_id")

    class Meta:
        model = Assignment
        fields = ["exercise", "due_on", "note", "assigned_by", "assigned_at", "withdrawn_at"]


@document("attempt", Attempt, conflict=Policy.APPEND_ONLY)
class AttemptDocument(SelfReportDocument):
    exercise = serializers.UUIDField(source="exercise_id")
    assignment = serializers.UUIDField(source="assignment_id", allow_null=True)

    class Meta:
        model = Attempt
        fields = [
            "exercise",
            "version",
            "assignment",
            "started_at",
            "finished_at",
            "before",
            "after",
            "answers",
            "recorded_at",
            "received_at",
            "unread",
        ]


@document("attempt_review", AttemptReview, conflict=Policy.APPEND_ONLY)
class AttemptReviewDocument(serializers.ModelSerializer[AttemptReview]):
    attempt = serializers.UUIDField(source="attempt_id")

    class Meta:
        model = AttemptReview
        fields = ["attempt", "comment", "reviewed_by", "reviewed_at"]


@document("what_helps", WhatHelps, conflict=Policy.SERVER_OWNED)
class WhatHelpsDocument(serializers.ModelSerializer[WhatHelps]):
    """`items`, best first: exercise, rated, eased, mean_relief (0.1-10)."""

    class Meta:
        model = WhatHelps
        fields = ["minimum_runs", "items"]


@document("check_in", CheckIn, conflict=Policy.LAST_PUSH_WINS)
class CheckInDocument(SelfReportDocument):
    sleep_hours = serializers.FloatField(allow_null=True)

    class Meta:
        model = CheckIn
        fields = [
            "local_date",
            "slot",
            "time_zone",
            *ANSWERS,
            "recorded_at",
            "received_at",
            "signed_by",
            "signed_at",
            "unread",
        ]


def in_locale(content: Any, locale: str) -> Any:
    """The same content with each text in one language."""
    if isinstance(content, list):
        return [in_locale(each, locale) for each in content]
    if not isinstance(content, dict):
        return content
    # A text by locale is recognised by its keys: nothing else in an exercise has them.
    if content.keys() == set(LOCALES):
        return content[locale]
    return {key: in_locale(value, locale) for key, value in content.items()}
