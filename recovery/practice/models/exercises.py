"""The exercise library. Versions never change, so that an old attempt can always be read."""

from __future__ import annotations

import uuid

from django.db import models

from recovery.feed.models import Scoped


class Exercise(models.Model):
    """A coping-skill exercise under its lasting name."""

    table_class = "reference"

    id = models.UUIDField(primary_key=True)
    slug = models.TextField(unique=True)


class ExerciseVersion(models.Model):
    """An exercise as it was at one version, in every language; the form is `ExerciseSpec`'s."""

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
        """The same in every deployment, as exercises keep their ids everywhere."""
        return uuid.uuid5(exercise_id, str(version))


class ExerciseText(Scoped):
    """A version in one language, where the phones of that language find it.

    Every version stays in the library: phones offer the highest and read old attempts with theirs.
    """

    append_only = True

    exercise_version = models.ForeignKey(ExerciseVersion, on_delete=models.PROTECT)
    locale = models.TextField()

    @staticmethod
    def id_of(version_id: uuid.UUID, locale: str) -> uuid.UUID:
        return uuid.uuid5(version_id, locale)
