"""What phones see of exercises, attempts and check-ins."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from foundation.fields import ID, TEXT, WHOLE_NUMBER, a_list, a_map, an_object
from recovery.actions.self_reports import SelfReportDocument
from recovery.care.rules.settings import ANSWERS, SLOTS
from recovery.feed import Policy, document
from recovery.feed.ids import BY_PHONE, BY_SERVER, derived
from recovery.feed.shapes import Shaped, schema_of, shaped
from recovery.people.rules import LOCALES
from recovery.practice.models import (
    Assignment,
    Attempt,
    AttemptReview,
    CheckIn,
    ExerciseText,
    WhatHelps,
)
from recovery.practice.rules.check_in import HALT, MEDICATION
from recovery.practice.rules.exercise import ExerciseSpec

ANSWER = a_map(
    {"anyOf": [TEXT, WHOLE_NUMBER, a_list(TEXT)]}, description="by the id of the exercise's field"
)
HELPS = an_object(
    exercise=ID.schema,
    rated=WHOLE_NUMBER,
    eased=WHOLE_NUMBER,
    mean_relief={"type": "number", "minimum": -10, "maximum": 10},
)


@document(
    "exercise",
    ExerciseText,
    conflict=Policy.SERVER_OWNED,
    scopes=("library",),
    ids=BY_SERVER,
    actions=("practice.publish_exercise",),
)
class ExerciseDocument(serializers.BaseSerializer[ExerciseText]):
    """One version of an exercise in one language, in the shape of `ExerciseSpec`."""

    def to_representation(self, instance: ExerciseText) -> dict[str, Any]:
        content = in_locale(instance.exercise_version.content, instance.locale)
        content["exercise"] = content.pop("id")
        return content


@document(
    "assignment",
    Assignment,
    conflict=Policy.STEPS,
    scopes=("care",),
    ids=BY_PHONE,
    actions=(
        "practice.assign_exercise",
        "practice.withdraw_assignment",
    ),
)
class AssignmentDocument(serializers.ModelSerializer[Assignment]):
    exercise = serializers.UUIDField(source="exercise_id")

    class Meta:
        model = Assignment
        fields = ["exercise", "due_on", "note", "assigned_by", "assigned_at", "withdrawn_at"]


@document(
    "attempt",
    Attempt,
    conflict=Policy.APPEND_ONLY,
    scopes=("care",),
    ids=BY_PHONE,
    actions=("practice.record_attempt",),
)
class AttemptDocument(SelfReportDocument):
    exercise = serializers.UUIDField(source="exercise_id")
    assignment = serializers.UUIDField(source="assignment_id", allow_null=True)
    answers = Shaped(ANSWER)

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


@document(
    "attempt_review",
    AttemptReview,
    conflict=Policy.APPEND_ONLY,
    scopes=("care",),
    ids=BY_PHONE,
    actions=("practice.review_attempt",),
)
class AttemptReviewDocument(serializers.ModelSerializer[AttemptReview]):
    attempt = serializers.UUIDField(source="attempt_id")

    class Meta:
        model = AttemptReview
        fields = ["attempt", "comment", "reviewed_by", "reviewed_at"]


@document(
    "what_helps",
    WhatHelps,
    conflict=Policy.SERVER_OWNED,
    scopes=("person",),
    ids=BY_SERVER,
    actions=("practice.record_attempt",),
)
class WhatHelpsDocument(serializers.ModelSerializer[WhatHelps]):
    """`items`, best first: exercise, rated, eased, mean_relief (0.1-10)."""

    items = Shaped(a_list(HELPS))

    class Meta:
        model = WhatHelps
        fields = ["minimum_runs", "items"]


@document(
    "check_in",
    CheckIn,
    conflict=Policy.LAST_PUSH_WINS,
    scopes=("care",),
    ids=derived("{scope}", "{document.local_date}/{document.slot}", made_by="phone"),
    actions=(
        "practice.record_check_in",
        "practice.sign_check_in",
    ),
)
class CheckInDocument(SelfReportDocument):
    slot = serializers.ChoiceField(SLOTS)
    sleep_hours = serializers.FloatField(allow_null=True)
    halt = serializers.ListField(child=serializers.ChoiceField(HALT), allow_null=True)
    medication = serializers.ChoiceField(MEDICATION, allow_null=True)

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


def _in_one_locale(schema: Any) -> Any:
    """What `in_locale` does to the content, done to its schema."""
    if isinstance(schema, list):
        return [_in_one_locale(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("additionalProperties"), dict):
        return TEXT
    return {name: _in_one_locale(inner) for name, inner in schema.items()}


@shaped("exercise")
def exercise_shape() -> dict[str, Any]:
    schema: dict[str, Any] = _in_one_locale(schema_of(ExerciseSpec()))
    properties = {"exercise": schema["properties"].pop("id")} | schema["properties"]
    required = [name for name in schema["required"] if name != "id"]
    return schema | {"properties": properties, "required": ["exercise", *required]}
