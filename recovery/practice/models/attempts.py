"""Exercises in a person's care: assigned, done, reviewed. The scope is the care record."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from recovery.actions.models import SelfReported
from recovery.feed.models import Personal, Scoped
from recovery.practice.models.exercises import Exercise


class Assignment(Scoped):
    """A counsellor assigns an exercise. It stays open until it is withdrawn, and never expires."""

    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT)
    due_on = models.DateField(null=True)
    note = models.TextField(blank=True)
    assigned_by = models.UUIDField()
    assigned_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["scope_id", "-assigned_at"], name="assignment_of_scope"),
            models.Index(fields=["-assigned_at", "-id"], name="assignment_newest_first"),
        ]


class Attempt(SelfReported, Scoped):
    """A person did an exercise, or part of it. The phone makes the id.

    `started_at` and `finished_at` (null: not finished) are by the phone's clock. `recorded_at` is
    the best estimate of when it was recorded, `received_at` when it reached the server. What a
    phone could not say right has a stand-in, and is in `unread`: NO_EXERCISE, NO_VERSION, and the
    time of recording for that of the start.
    """

    NO_EXERCISE, NO_VERSION = uuid.UUID(int=0), 0

    append_only = True

    user_id = models.UUIDField()
    # No constraint: an attempt is kept though its exercise is not in this library.
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, db_constraint=False)
    version = models.SmallIntegerField()
    assignment = models.ForeignKey(
        Assignment, on_delete=models.DO_NOTHING, db_constraint=False, null=True
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    before = models.SmallIntegerField(null=True, help_text="0-10, what the exercise rates")
    after = models.SmallIntegerField(null=True, help_text="0-10")
    relief = models.SmallIntegerField(null=True, help_text="-10 to 10; above 0 is better")
    answers = models.JSONField(default=dict, help_text="by field id of that version")
    recorded_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["scope_id", "-recorded_at"], name="attempt_of_scope"),
            models.Index(fields=["-recorded_at", "-id"], name="attempt_newest_first"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(before__range=(0, 10)) & Q(after__range=(0, 10)), name="attempt_rated"
            ),
            models.CheckConstraint(
                condition=Q(finished_at__gte=models.F("started_at")), name="attempt_in_order"
            ),
        ]


class AttemptReview(Scoped):
    """A counsellor's review of an attempt, one per attempt."""

    append_only = True

    attempt = models.ForeignKey(
        Attempt, on_delete=models.DO_NOTHING, db_constraint=False, related_name="reviews"
    )
    comment = models.TextField(blank=True)
    reviewed_by = models.UUIDField()
    reviewed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "attempt"], name="attempt_reviewed_once")
        ]


class WhatHelps(Personal):
    """Which exercises helped, by the person's own ratings. Only they see it. `id`: the user's."""

    minimum_runs = models.SmallIntegerField(default=0)
    items = models.JSONField(default=list, help_text="see rules.ranking.rank")
