"""Publishing exercises to everybody."""

from __future__ import annotations

import uuid
from typing import Any

from recovery.actions import Call, Refused, action
from recovery.actions.rules import only_system
from recovery.feed import publish, scopes
from recovery.practice import queries
from recovery.practice.models import Exercise, ExerciseText, ExerciseVersion
from recovery.practice.rules.exercise import LOCALES, ExerciseSpec
from recovery.practice.rules.packs import plain


@action("practice.publish_exercise", input=ExerciseSpec, allow=only_system)
def publish_exercise(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Add a version of an exercise to the library of every language; the same again is nothing.

    Refused: `version_exists` with other content, `version_too_low`, `slug_taken`.
    """
    content = plain(data)
    latest = queries.latest_version(data["id"])
    if latest and latest.version >= data["version"]:
        return _unchanged(data["id"], content)
    _name(data["id"], data["slug"])
    version = ExerciseVersion(
        id=ExerciseVersion.id_of(data["id"], data["version"]),
        exercise_id=data["id"],
        version=data["version"],
        content=content,
    )
    version.save(force_insert=True)
    for locale in LOCALES:
        _publish_text(call, version, locale)
    return {"exercise_version": str(version.id), "published": True}


def _unchanged(exercise_id: uuid.UUID, content: dict[str, Any]) -> dict[str, Any]:
    known = queries.exercise_version(exercise_id, content["version"])
    if known is None:
        raise Refused("version_too_low", "A later version of this exercise is published already.")
    if known.content != content:
        raise Refused(
            "version_exists",
            "This version is published already and says something else. Raise `version`.",
        )
    return {"exercise_version": str(known.id), "published": False}


def _name(exercise_id: uuid.UUID, slug: str) -> None:
    if Exercise.objects.filter(slug=slug).exclude(id=exercise_id).exists():
        raise Refused("slug_taken", "Another exercise has this slug.")
    Exercise(id=exercise_id, slug=slug).save()


def _publish_text(call: Call, version: ExerciseVersion, locale: str) -> None:
    text = ExerciseText(
        id=ExerciseText.id_of(version.id, locale),
        scope_id=scopes.library(locale, opened_by=call.actor.id),
        exercise_version=version,
        locale=locale,
    )
    text.save(force_insert=True)
    publish(text)
