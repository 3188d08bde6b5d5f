"""A programme with its levels, Dana who works there under her name, and people in her care."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.actions import SYSTEM
from recovery.actions.models import AuditEvent
from recovery.care.models import Appointment, CareRecord, CareTeamMember, Programme
from recovery.feed.context import set_actor
from recovery.practice.models import CheckIn
from recovery.signin.models import User
from tests.cast import NORTHLIGHT, NOW, ConsoleBrowser, act, admit, content, employ, hire, preset
from tests.roles import set_scene

# Thursday, 10:00 at the programme.
THURSDAY = NOW + timedelta(days=3, hours=3)
TALKS = {
    "kind": "individual",
    "title": "Talk with Dana",
    "rule": "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "first_date": "2026-02-23",
    "times": ["09:00"],
    "minutes": 60,
}
TABS = ("", "/story", "/sessions", "/check-ins", "/exercises", "/groups", "/details")


@dataclass
class Patient:
    user: User
    record: uuid.UUID
    team: User

    @property
    def path(self) -> str:
        return f"/people/{self.record}"

    def plan_talks(self) -> None:
        act(self.team, "care.create_series", scope=f"care:{self.record}", **TALKS)

    def attend(self, day: str, status: str, **facts: Any) -> None:
        with transaction.atomic():
            set_actor(self.team.id)
            rows = Appointment.objects.in_scope(self.record)
            session = rows.get(local_date=day)
        data = {"record": self.record, "appointment": session.id, "status": status, **facts}
        act(self.team, "care.record_attendance", now=THURSDAY, **data)

    def check_in(self, day: str, *, now: datetime = THURSDAY, **answers: Any) -> None:
        date = datetime.fromisoformat(day).date()
        data = {"record": self.record, "local_date": day, "slot": "day", **(answers or {"mood": 4})}
        id_ = CheckIn.id_of(self.record, date, "day")
        act(self.user, "practice.record_check_in", now=now, id=id_, **data)

    def do_exercise(self, slug: str = "urge-surfing", **facts: Any) -> uuid.UUID:
        id_ = uuid7()
        data = {"id": id_, "record": self.record, "exercise": content(slug)["id"], "version": 1}
        act(self.user, "practice.record_attempt", now=THURSDAY, **data, **facts)
        return id_

    def row(self) -> CareRecord:
        with transaction.atomic(), set_scene():
            return CareRecord.objects.in_scope(self.record).get()

    def member(self, colleague: User) -> uuid.UUID:
        """Their place on the care team."""
        with transaction.atomic(), set_scene():
            rows = CareTeamMember.objects.in_scope(self.record).filter(until=None)
            return uuid.UUID(str(rows.get(user_id=colleague.id).id))

    def change(self, **facts: Any) -> None:
        """Put values into the record that no form would take."""
        with transaction.atomic(), set_scene():
            CareRecord.objects.in_scope(self.record).update(**facts)

    def reads(self, reader: User) -> list[Any]:
        """What the audit says that this member of staff was shown of them, event by event."""
        with transaction.atomic(), set_scene():
            events = AuditEvent.objects.in_scope(self.record).filter(outcome="read")
            mine = events.filter(actor_id=reader.id).order_by("at", "id")
            return list(mine.values_list("action", "objects_touched"))


@dataclass
class Place:
    """The programme, its administrator, and Dana, a counselor."""

    admin: User
    dana: User

    def admit(self, got: str = "Ana", family: str = "Reyes", **facts: Any) -> Patient:
        named = {"given_name": got, "family_name": family, "starts_on": "2026-02-16"}
        user, record = admit(self.dana, **named | facts)
        return Patient(user, record, self.dana)

    def hire(self, got: str, family: str, role: str = "counsellor") -> User:
        return hire(self.admin, NORTHLIGHT, role, (got, family))

    def join(self, patient: Patient, colleague: User) -> None:
        act(self.dana, "care.assign_team_member", record=patient.record, user=colleague.id)

    def desk(self, user: User | None = None) -> ConsoleBrowser:
        return ConsoleBrowser(user or self.dana)


def make_place() -> Place:
    act(SYSTEM, "care.load_programme", preset=preset())
    admin = employ(Programme.objects.get(id=NORTHLIGHT), "admin")
    return Place(admin, hire(admin, NORTHLIGHT, "counsellor", ("Dana", "Reed")))


def talk_today(person: Patient, times: str = "15:00") -> uuid.UUID:
    data = {"kind": "individual", "title": "Talk", "rule": "FREQ=WEEKLY;BYDAY=TH", "minutes": 50}
    data |= {"first_date": "2026-03-05", "times": [times], "place": "Room 4"}
    act(person.team, "care.create_series", scope=f"care:{person.record}", now=THURSDAY, **data)
    with transaction.atomic(), set_scene():
        row = Appointment.objects.filter(scope_id=person.record, local_date="2026-03-05").get()
        return uuid.UUID(str(row.id))
