"""Programmes, staff and patients."""

from __future__ import annotations

import functools
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import time_machine
import yaml
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from uuid_utils.compat import uuid7

from recovery.actions import SYSTEM, Call, perform
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.factories.people import NOW, make_user
from tests.roles import as_role

PRESETS = Path(__file__).parents[2] / "content" / "programmes"


@functools.cache
def _file(slug: str) -> str:
    return (PRESETS / f"{slug}.yaml").read_text()


def preset(slug: str = "northlight") -> dict[str, Any]:
    """A shipped preset, to change freely."""
    content: dict[str, Any] = yaml.safe_load(_file(slug))
    return content


def as_system(name: str, data: dict[str, Any], now: datetime | None = None) -> Any:
    """Perform as a job does: as the system, in role `jobs`."""
    with as_role("jobs"):
        return perform(name, data=data, call=Call(actor=SYSTEM, now=now or NOW))


def load_programme(content: dict[str, Any] | None = None, **options: Any) -> Any:
    return as_system("care.load_programme", {"preset": content or preset(), **options})


def make_staff(role: str = "counsellor", programme_id: str | None = None) -> User:
    """A member of the programme's staff, in its `staff:` and `program:` scopes."""
    user = make_user(is_staff=True)
    programme = programme_id or preset()["id"]
    with as_role("jobs"), transaction.atomic(), collecting():
        for scope in (UUID(programme), scopes.scope_id(f"staff:{programme}")):
            scopes.grant(scope, user.id, role)
    return user


def open_group(leader: User, *members: User, programme_id: str | None = None) -> str:
    """A group's scope with its people; answers its name on the wire."""
    id_ = uuid7()
    home = UUID(programme_id or preset()["id"])
    with transaction.atomic(), collecting():
        set_actor(leader.id)
        scopes.open_scope("group", id_, home_id=home, user_id=leader.id, role="facilitator")
        for member in members:
            scopes.grant(id_, member.id, "member")
    return f"group:{id_}"


def do(actor: User, name: str, /, *, now: datetime | None = None, **data: Any) -> dict[str, Any]:
    """Perform as a signed-in person; answers the action's data."""
    outcome = perform(name, data=data, call=Call(actor=actor, now=now or NOW))
    return outcome.data or {}


def run_jobs(now: datetime | None = None) -> list[str]:
    """Do every job that waits, as the worker does; answers their names in order."""
    done: list[str] = []
    with as_role("jobs"), time_machine.travel(now or NOW, tick=False):
        while waiting := list(ProcrastinateJob.objects.filter(status="todo").order_by("id")):
            for job in waiting:
                app.tasks[job.task_name].func(**job.args)
                _finish(job.id)
                done.append(job.task_name)
    return done


def run_daily(now: datetime) -> None:
    """What the worker does by the clock, whatever has happened."""
    with as_role("jobs"), time_machine.travel(now, tick=False):
        for task in ("care.extend_timetables", "care.turn_weeks", "care.plan_everybody"):
            app.tasks[task].func(0)


def _finish(job_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_events WHERE job_id = %s", [job_id])
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job_id])


ANA: dict[str, Any] = {
    "given_name": "Ana",
    "family_name": "Reyes",
    "date_of_birth": "1990-04-01",
    "email": "ana@example.org",
    "by_email": False,
    "level": "iop",
}


def admit(staff: User, *, now: datetime | None = None, **facts: Any) -> tuple[User, UUID]:
    """Admit somebody who has then acknowledged the notice: their account and their record."""
    given = {"programme": preset()["id"]} | ANA | facts
    told = do(staff, "care.admit_patient", now=now, **given)
    patient = User.objects.get(id=told["user"])
    with transaction.atomic(), collecting():
        set_actor(patient.id)
        scopes.release_held(patient.id)
    return patient, UUID(told["record"])
