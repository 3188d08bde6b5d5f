"""People in care and exercises to do, put straight into the tables.

`Care` is one person's care record with the team around it; `act` is what a request does.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from uuid_utils.compat import uuid7

from notifications.models import Intent
from recovery.actions import Call, perform
from recovery.actions.receipts import Outcome
from recovery.care.models import CareRecord, Programme
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.models import FeedEntry, Membership
from recovery.practice.models import Exercise, ExerciseVersion
from recovery.practice.rules.packs import read_exercise
from recovery.signin.models import User
from tests.factories.people import make_user

NOW = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Care:
    """`record`'s id is its scope's; the patient's own scope is open too."""

    record: CareRecord
    patient: User
    counsellor: User
    clinician: User
    case_manager: User


@dataclass(frozen=True)
class Act:
    """What one person does, by default now and for the first time."""

    actor: User
    now: datetime = NOW
    options: dict[str, Any] = field(default_factory=dict)

    def __call__(self, name: str, data: dict[str, Any], **options: Any) -> Outcome:
        call = Call(actor=self.actor, now=self.now, **self.options | options)
        return perform(name, data=json.loads(json.dumps(data, default=str)), call=call)


def care(counsellor: User | None = None, **settings: Any) -> Care:
    """A patient whose care team has one of each; nobody else is in it."""
    patient, clinician, case_manager = (make_user() for _ in range(3))
    counsellor = counsellor or make_user()
    programme = make_programme(**settings)
    record_id = uuid7()
    with transaction.atomic(), collecting():
        set_actor(patient.id)
        scopes.open_scope(
            "care", record_id, home_id=programme.id, user_id=patient.id, role="patient"
        )
        scopes.grant(record_id, counsellor.id, "counsellor")
        scopes.grant(record_id, clinician.id, "clinician")
        scopes.grant(record_id, case_manager.id, "case_manager")
        record = CareRecord.objects.create(
            id=record_id,
            scope_id=record_id,
            programme=programme,
            user_id=patient.id,
            given_name="Ana",
            family_name="Ortiz",
            date_of_birth=date(1990, 5, 17),
            locale="en",
            opened_at=NOW,
        )
    return Care(record, patient, counsellor, clinician, case_manager)


def make_programme(**settings: Any) -> Programme:
    """A programme of its own."""
    programme_id = uuid7()
    return Programme.objects.create(
        id=programme_id,
        slug=str(programme_id),
        name="Northlight Day Center",
        time_zone="America/Los_Angeles",
        week_starts_on=0,
        minimum_age=18,
        settings={"what_helps": {"minimum_runs": 3}} | settings,
        preset={},
        changed_at=NOW,
    )


@cache
def content(slug: str) -> dict[str, Any]:
    """A shipped exercise as it is stored."""
    path = settings.BASE_DIR / "content" / "exercises" / f"{slug}.yaml"
    return read_exercise(Path(path).read_text(encoding="utf-8"), slug)


def exercise(slug: str = "urge-surfing", *, version: int = 1, **changed: Any) -> ExerciseVersion:
    """A shipped exercise in the tables, at any version."""
    shipped = content(slug) | {"version": version} | changed
    exercise_id = uuid.UUID(shipped["id"])
    Exercise.objects.get_or_create(id=exercise_id, slug=slug)
    return ExerciseVersion.objects.create(
        id=ExerciseVersion.id_of(exercise_id, version),
        exercise_id=exercise_id,
        version=version,
        content=shipped,
    )


def documents(reader: User, kind: str) -> list[dict[str, Any]]:
    """What `reader`'s phones hold of a kind after a pull, oldest change first."""
    with transaction.atomic():
        set_actor(reader.id)
        entries = FeedEntry.objects.filter(
            scope_id__any=Membership.scopes_of(reader.id), kind=kind, deleted=False
        )
        return [json.loads(entry.doc) for entry in entries.order_by("seq")]


def count(reader: User, model: Any) -> int:
    """How many rows of a model `reader` can see."""
    with transaction.atomic():
        set_actor(reader.id)
        return int(model.objects.visible_to(reader).count())


def intents(cared_for: Care) -> list[tuple[str, str | None]]:
    """What waits to be pushed in a care record: its type and the role it is for."""
    with transaction.atomic():
        set_actor(cared_for.patient.id)
        waiting = Intent.objects.filter(scope_id=cared_for.record.id)
        return list(waiting.order_by("id").values_list("type", "role"))
