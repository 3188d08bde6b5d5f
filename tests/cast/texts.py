"""What ships in content/: exercises, the notice and the consent forms."""

from __future__ import annotations

import copy
import functools
import uuid
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from recovery.actions import SYSTEM
from recovery.feed import scopes
from recovery.feed.context import set_actor
from recovery.management.content import FOLDER, KINDS
from recovery.practice.models import Exercise, ExerciseVersion
from recovery.practice.rules.exercise import ExerciseSpec, plain
from recovery.privacy.models import Notice, Wording
from recovery.signin.models import User
from tests.cast.acting import act
from tests.roles import set_scene

PRESETS = FOLDER / "programmes"
NOTICE, FORM = "privacy.publish_notice", "privacy.publish_consent_form"


@functools.cache
def _read(file: str) -> Any:
    kind = next(kind for kind in KINDS if Path(file).match(kind.pattern))
    return kind.read(FOLDER / file)


def preset(slug: str = "northlight") -> dict[str, Any]:
    """A programme's preset; the caller may change it."""
    return dict(copy.deepcopy(_read(f"programmes/{slug}.yaml")))


def shipped(name: str) -> dict[str, Any]:
    """A text to sign, e.g. "notice.2026-02"; the caller may change it."""
    return dict(copy.deepcopy(_read(f"texts/{name}.yaml")))


@functools.cache
def content(slug: str) -> dict[str, Any]:
    """An exercise as it is stored."""
    form = ExerciseSpec(data=_read(f"exercises/{slug}.yaml"), context={})
    form.is_valid(raise_exception=True)
    return dict(plain(form.validated_data))


def exercise(slug: str = "urge-surfing", *, version: int = 1, **changed: Any) -> ExerciseVersion:
    """An exercise in the tables, not in the feed, at any version."""
    row = content(slug) | {"version": version} | changed
    exercise_id = uuid.UUID(row["id"])
    with transaction.atomic(), set_scene():
        Exercise.objects.get_or_create(id=exercise_id, slug=slug)
        return ExerciseVersion.objects.create(
            id=ExerciseVersion.id_of(exercise_id, version),
            exercise_id=exercise_id,
            version=version,
            content=row,
        )


def load_wordings() -> None:
    """Publish everything that is signed, in the libraries of both languages."""
    act(SYSTEM, NOTICE, **shipped("notice.2026-02"))
    for kind in ("group", "pair"):
        act(SYSTEM, FORM, **shipped(f"consent.peer_{kind}_visibility.2026-02"))


def open_library(user: User, locale: str = "en") -> None:
    """Let the user read the library of a language."""
    name = f"library:{locale}"
    with transaction.atomic(), connection.cursor() as cursor:
        set_actor(user.id)
        cursor.execute("SELECT join_library(%s, %s, %s)", [scopes.scope_id(name), name, user.id])


def notice_id(version: str = "2026-02", locale: str = "en") -> str:
    return str(Notice.id_of("part2_notice", version, locale))


def form_id(kind: str, version: str = "2026-02", locale: str = "en") -> str:
    return str(Wording.id_of(kind, version, locale))


def acknowledge(user: User) -> None:
    """The user confirms the notice, which must be loaded."""
    notice = notice_id(locale=user.locale)
    act(user, "privacy.acknowledge_notice", notice=notice, signed_name="Ana Reyes")
