"""Publishing exercises in the library of each language."""

from __future__ import annotations

import uuid
from typing import Any, TypedDict, Unpack

from recovery.actions import Call, Refused, action
from recovery.actions.rules import only_system
from recovery.feed import publish, scopes
from recovery.people.rules import LOCALES
from recovery.practice import queries
from recovery.practice.models import Exercise, ExerciseText, ExerciseVersion
from recovery.practice.rules.exercise import ExerciseSpec, plain


class RequiredContent(TypedDict):
    withdrawn: bool
    method: str
    needs: list[str]
    minutes: int
    title: dict[str, str]
    summary: dict[str, str]
    rating: dict[str, Any]
    steps: list[dict[str, Any]]


class Content(RequiredContent, total=False):
    """The content of an exercise. See ExerciseSpec for the shape of `rating` and `steps`."""

    caution: dict[str, str]


@action("practice.publish_exercise", input=ExerciseSpec, allow=only_system)
def publish_exercise(
    call: Call,
    *,
    id: uuid.UUID,
    slug: str,
    version: int,
    # A mapping, because it is stored whole and an absent `caution` stays absent.
    **content: Unpack[Content],
) -> dict[str, str | bool]:
    """Publish a version of an exercise in every language. Publishing it again changes nothing.

    Refused: `version_exists` with other content, `version_too_low`, `slug_taken`.
    """
    stored = plain({"id": id, "slug": slug, "version": version, **content})
    latest = queries.latest_version(id)
    if latest and latest.version >= version:
        return _unchanged(id, stored)
    if Exercise.objects.filter(slug=slug).exclude(id=id).exists():
        raise Refused("slug_taken", "Another exercise has this slug.")
    Exercise(id=id, slug=slug).save()  # a new version may have a new slug
    row = ExerciseVersion(
        id=ExerciseVersion.id_of(id, version), exercise_id=id, version=version, content=stored
    )
    row.save(force_insert=True)
    for locale in LOCALES:
        text = ExerciseText(
            id=ExerciseText.id_of(row.id, locale),
            scope_id=scopes.library(locale, opened_by=call.actor.id),
            exercise_version=row,
            locale=locale,
        )
        text.save(force_insert=True)
        publish(text)
    return {"exercise_version": str(row.id), "published": True}


def _unchanged(exercise_id: uuid.UUID, content: dict[str, Any]) -> dict[str, str | bool]:
    """Return the outcome for a version that is not new, if it has this content."""
    known = queries.exercise_version(exercise_id, content["version"])
    if known is None:
        raise Refused(
            "version_too_low", "A later version of this exercise has already been published."
        )
    if known.content != content:
        raise Refused(
            "version_exists",
            "This version has already been published with different content. Make it the next"
            " version.",
        )
    return {"exercise_version": str(known.id), "published": False}
