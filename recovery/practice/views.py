"""Lists of exercises and check-ins for the staff's screens."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from recovery.actions.views import VisibleRows, described_list
from recovery.practice.documents import (
    AssignmentDocument,
    AttemptDocument,
    AttemptReviewDocument,
    CheckInDocument,
)
from recovery.practice.models import (
    Assignment,
    Attempt,
    AttemptReview,
    CheckIn,
    CheckInVersion,
)

SCOPE = "a care record"
REVIEWED = OpenApiParameter("reviewed", bool, description="only those with, or without, a review")


class AssignmentRow(AssignmentDocument):
    record = serializers.UUIDField(source="scope_id")

    class Meta(AssignmentDocument.Meta):
        fields = ["id", "record", *AssignmentDocument.Meta.fields]


class AttemptRow(AttemptDocument):
    record = serializers.UUIDField(source="scope_id")
    reviews = AttemptReviewDocument(many=True)

    class Meta(AttemptDocument.Meta):
        fields = ["id", "record", *AttemptDocument.Meta.fields, "reviews"]


class CheckInVersionRow(serializers.ModelSerializer[CheckInVersion]):
    class Meta:
        model = CheckInVersion
        fields = ["revision", "answers", "recorded_at", "replaced_at"]


class CheckInRow(CheckInDocument):
    record = serializers.UUIDField(source="scope_id")
    versions = CheckInVersionRow(many=True)

    class Meta(CheckInDocument.Meta):
        fields = ["id", "record", *CheckInDocument.Meta.fields, "versions"]


@described_list("practice.list_assignments", scope=SCOPE)
class Assignments(VisibleRows):
    """Assigned exercises, newest first."""

    model = Assignment
    serializer_class = AssignmentRow
    newest_first = ("-assigned_at", "-id")


@described_list("practice.list_attempts", REVIEWED, scope=SCOPE)
class Attempts(VisibleRows):
    """Attempts, newest first, with their reviews."""

    model = Attempt
    serializer_class = AttemptRow
    newest_first = ("-recorded_at", "-id")

    def get_queryset(self) -> QuerySet[Any]:
        reviews = AttemptReview.objects.visible_to(self.request.user)
        rows = super().get_queryset().prefetch_related(Prefetch("reviews", reviews))
        reviewed = self.parameter("reviewed", serializers.BooleanField())
        if reviewed is None:
            return rows
        of_row = reviews.filter(scope_id=OuterRef("scope_id"), attempt_id=OuterRef("id"))
        return rows.filter(Exists(of_row) if reviewed else ~Exists(of_row))


@described_list("practice.list_check_ins", scope=SCOPE)
class CheckIns(VisibleRows):
    """Check-ins, newest day first, with their earlier answers."""

    model = CheckIn
    serializer_class = CheckInRow
    newest_first = ("-local_date", "-id")

    def get_queryset(self) -> QuerySet[Any]:
        versions = CheckInVersion.objects.visible_to(self.request.user).order_by("revision")
        return super().get_queryset().prefetch_related(Prefetch("versions", versions))
