"""The exercise library. Versions never change, so that old attempts stay readable."""

from __future__ import annotations

import uuid

from django.db import models

from recovery.feed.models import Scoped


class Exercise(models.Model):
    """A coping-skill exercise. Its id stays the same in all versions."""

    table_class = "reference"

    id = models.UUIDField(primary_key=True)
    slug = models.TextField(unique=True)


class ExerciseVersion(models.Model):
    """One version of an exercise, in every language, in the shape of `ExerciseSpec`."""

    table_class = "reference"
    append_only = True

    id = models.UUIDField(primary_key=True)
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="versions")
    version = models.SmallIntegerField()
    content = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exercise", "version"], name="exercise_version_once")
        ]

    @staticmethod
    def id_of(exercise_id: uuid.UUID, version: int) -> uuid.UUID:
        """The same in every deployment."""
        return uuid.uuid5(exercise_id, str(version))


class ExerciseText(Scoped):
    """A version in one language, in the library of that language.

    All versions stay there. Phones offer the latest, and show old attempts with their own version.
    """

    append_only = True

    exercise_version = models.ForeignKey(ExerciseVersion, on_delete=models.PROTECT)
    locale = models.TextField()

    @staticmethod
    def id_of(version_id: uuid.UUID, locale: str) -> uuid.UUID:
        return uuid.uuid5(version_id, locale)
