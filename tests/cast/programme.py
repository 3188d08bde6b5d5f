"""Programmes, their staff and their patients."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from uuid_utils.compat import uuid7

from notifications.models import Intent
from recovery.care.models import CareRecord, Programme, ProgrammeCard
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.models import Scope
from recovery.signin.models import User
from tests.cast.acting import NOW, act, act_as_system
from tests.cast.people import ANA, make_user
from tests.cast.texts import acknowledge, open_library, preset
from tests.roles import as_role, set_scene

NORTHLIGHT: str = preset()["id"]
SETTINGS: dict[str, Any] = {
    "group": {"size": {"min": 2, "max": 3}},
    "house_rules": [{"code": "kind", "text": {"en": "Be kind.", "es": "Sé amable."}}],
    "reminders": {"lead_minutes": [60]},
    "quiet_hours": {"from": "22:00", "to": "07:00"},
    "announcements": {"per_person_per_week": 2},
    "what_helps": {"minimum_runs": 3},
}
# What `care.admit_patient` takes for Ana.
ADMISSION: dict[str, Any] = {"programme": NORTHLIGHT, "level": "iop"} | ANA
# Appears on no other patient's phone: tests search whole answers for it.
LEGAL_NAME = ("Canary", "Goldsworthy")


def load_programme(content: dict[str, Any] | None = None, **options: Any) -> None:
    """A programme with everything that its preset says, as an operator loads it (committed)."""
    act_as_system("care.load_programme", preset=content or preset(), **options)


def make_programme(*, slug: str | None = None, **settings: Any) -> Programme:
    """A programme's row, without levels of care. Two calls make two programmes."""
    programme_id = uuid7()
    with transaction.atomic(), set_scene():
        return Programme.objects.create(
            id=programme_id,
            slug=slug or str(programme_id),
            name="Harbor House",
            time_zone="America/New_York",
            week_starts_on=0,
            minimum_age=18,
            settings=SETTINGS | settings,
            preset={},
            changed_at=NOW,
        )


def employ(programme: Programme | str = NORTHLIGHT, role: str = "counsellor") -> User:
    """A member of staff, in the programme's `program:` and `staff:` scopes.

    The first one of a made programme opens them.
    """
    staff = make_user(is_staff=True)
    if isinstance(programme, str):
        with as_role("jobs"), transaction.atomic(), collecting():
            _grant(uuid.UUID(programme), staff, role)
        return staff
    with transaction.atomic(), collecting(), set_scene():
        if Scope.objects.filter(id=programme.id).exists():
            _grant(programme.id, staff, role)
        else:
            _open(programme, staff, role)
    return staff


def hire(
    admin: User,
    programme_id: uuid.UUID | str,
    role: str = "counsellor",
    name: tuple[str, str] = ("Noor", "Hale"),
) -> User:
    """A member of staff by the real actions, shown to the programme under their name."""
    invited = act(
        admin,
        "people.invite_staff",
        programme=programme_id,
        role=role,
        given_name=name[0],
        family_name=name[1],
        email="noor@example.org",
        by_email=False,
    )
    user = User.objects.get(id=invited.data["user"])
    act(user, "people.accept_invitation", by_email=False)
    return user


def make_fay() -> tuple[User, Programme]:
    """An administrator, and the programme that has no other member yet."""
    programme = make_programme()
    return employ(programme, "admin"), programme


def make_olive(role: str = "counsellor") -> User:
    """A member of another programme's staff."""
    return employ(make_programme(), role)


def _grant(programme_id: uuid.UUID, staff: User, role: str) -> None:
    for scope in (programme_id, scopes.scope_id(f"staff:{programme_id}")):
        scopes.grant(scope, staff.id, role)


def _open(programme: Programme, staff: User, role: str) -> None:
    for kind in ("program", "staff"):
        scopes.open_scope(kind, programme.id, home_id=programme.id, user_id=staff.id, role=role)
    card = ProgrammeCard(id=programme.id, scope_id=programme.id, content=programme.settings)
    card.save(force_insert=True)


def admit(staff: User, *, now: datetime = NOW, **facts: Any) -> tuple[User, uuid.UUID]:
    """Admit a patient by the real action; they have confirmed the notice. Their account and the
    id of their care record. Every patient is another person, although most are called Ana."""
    details = ADMISSION | {"separate": True} | facts
    admitted = act(staff, "care.admit_patient", now=now, **details).data
    patient = User.objects.get(id=admitted["user"])
    begin_memberships(patient)
    return patient, uuid.UUID(admitted["record"])


def begin_memberships(patient: User) -> None:
    """What confirming the notice does; for patients of tests that load no notice."""
    with transaction.atomic(), collecting():
        set_actor(patient.id)
        scopes.release_held(patient.id)


def make_patient(
    programme: Programme, staff: User, *, role: str = "patient", confirmed: bool = True
) -> CareRecord:
    """A patient put straight into the tables, in the care of `staff`, for tests whose subject
    is not admission. `confirmed`: has acknowledged the notice, see `load_wordings`."""
    patient, record_id = make_user(), uuid7()
    with transaction.atomic(), collecting(), set_scene():
        scopes.open_scope(
            "care", record_id, home_id=programme.id, user_id=staff.id, role="counsellor"
        )
        scopes.grant(record_id, patient.id, "patient", held=True)
        scopes.grant(programme.id, patient.id, role, held=True)
        record = CareRecord(
            id=record_id,
            scope_id=record_id,
            programme=programme,
            user_id=patient.id,
            given_name=LEGAL_NAME[0],
            family_name=LEGAL_NAME[1],
            date_of_birth=date(1990, 5, 17),
            locale="en",
            opened_at=NOW,
        )
        record.save(force_insert=True)
    open_library(patient)
    if confirmed:
        acknowledge(patient)
    return record


def user_of(record: CareRecord) -> User:
    return User.objects.get(id=record.user_id)


# The input of `care.create_series`, without its scope: every evening in the programme's time zone.
EVENING_GROUP: dict[str, Any] = {
    "kind": "group",
    "title": "Evening group",
    "rule": "FREQ=DAILY",
    "first_date": "2026-03-02",
    "times": ["18:00"],
    "minutes": 180,
}


@dataclass(frozen=True)
class Care:
    """Ana's care: her record, whose id is its scope's, and her team."""

    record: CareRecord
    patient: User
    counsellor: User
    clinician: User
    case_manager: User

    def intents(self) -> list[tuple[str, str | None]]:
        """What waits to be pushed in the record: notification type and the role it is for."""
        with transaction.atomic():
            set_actor(self.patient.id)
            waiting = Intent.objects.filter(scope_id=self.record.id)
            return list(waiting.order_by("id").values_list("type", "role"))


def in_care(counsellor: User | None = None, **settings: Any) -> Care:
    """A patient of a new programme, with one of each role in the care team and nobody else.
    `counsellor`: may be anyone, also a user of another programme."""
    programme = make_programme(**settings)
    clinician = employ(programme, "clinician")
    counsellor = counsellor or employ(programme)
    case_manager = employ(programme, "case_manager")
    record = make_patient(programme, clinician, confirmed=False)
    patient = user_of(record)
    begin_memberships(patient)
    with transaction.atomic(), collecting(), set_scene():
        scopes.grant(record.id, counsellor.id, "counsellor")
        scopes.grant(record.id, case_manager.id, "case_manager")
        scopes.grant(record.id, clinician.id, "clinician")
    return Care(record, patient, counsellor, clinician, case_manager)
