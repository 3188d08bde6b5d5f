"""People whom Dana treats, for tests of her pages about tools and check-ins."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.actions.models import AuditEvent
from recovery.care.models import CareRecord
from recovery.people.models import StaffMember
from recovery.practice.models import Assignment, AttemptReview, CheckIn
from recovery.signin.models import User
from tests.cast import Circle, act, content, exercise, make_circle, make_patient, user_of
from tests.roles import set_scene

SURFING = content("urge-surfing")["id"]
HALT = content("halt")["id"]
HOSTILE = "<script>alert(1)</script> \N{RIGHT-TO-LEFT OVERRIDE}" + "a" * 4000


def practice() -> Circle:
    """Ana, Ben and Cleo in Dana's care, and two tools in the library."""
    exercise("urge-surfing")
    exercise("halt")
    circle = make_circle()
    on_the_staff(circle, circle.dana, "Dana")
    for name, record in circle.records.items():
        call(record, name.title())
    return circle


def on_the_staff(circle: Circle, user: User, name: str, **facts: Any) -> None:
    """As everyone in the programme sees them; the cast has only their memberships."""
    with transaction.atomic(), set_scene():
        StaffMember(
            id=uuid7(),
            scope_id=circle.programme.id,
            user_id=user.id,
            given_name=name,
            **{"role": "counsellor"} | facts,
        ).save(force_insert=True)


def call(record: CareRecord, given_name: str, family_name: str = "Reyes") -> None:
    with transaction.atomic(), set_scene():
        names = {"given_name": given_name, "family_name": family_name}
        CareRecord.objects.filter(id=record.id).update(**names)


def more_people(circle: Circle, number: int) -> list[CareRecord]:
    records = [make_patient(circle.programme, circle.dana) for _ in range(number)]
    for place, record in enumerate(records):
        call(record, f"Person {place}")
    return records


def done(record: CareRecord, tool: str = SURFING, back: int = 0, **facts: Any) -> uuid.UUID:
    """The person does a tool and shares it; `back` days ago."""
    now = timezone.now() - timedelta(days=back)
    data = {"id": uuid7(), "record": record.id, "exercise": tool, "version": 1, "started_at": now}
    act(user_of(record), "practice.record_attempt", now=now, **data | facts)
    return uuid.UUID(str(data["id"]))


def check_in(record: CareRecord, back: int = 1, **answers: Any) -> uuid.UUID:
    """The person checks in for a day by the clock of the programme, `back` days ago."""
    now = timezone.now()
    day = now.astimezone(ZoneInfo(record.programme.time_zone)).date() - timedelta(days=back)
    id_ = CheckIn.id_of(record.id, day, "day")
    data = {"id": id_, "record": record.id, "local_date": day, "slot": "day", "mood": 3}
    act(user_of(record), "practice.record_check_in", now=now, **data | answers)
    return id_


def everything(model: Any) -> list[Any]:
    with transaction.atomic(), set_scene():
        return list(model.objects.order_by("id"))


def assignments() -> list[Assignment]:
    return everything(Assignment)


def reviews() -> list[AttemptReview]:
    return everything(AttemptReview)


def read_by(user: User) -> list[uuid.UUID]:
    """The scopes in whose audit the person's reads are, one for each event."""
    with transaction.atomic(), set_scene():
        events = AuditEvent.objects.filter(actor_id=user.id, outcome="read")
        return list(events.order_by("id").values_list("scope_id", flat=True))
