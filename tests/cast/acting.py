"""Acting: one instant, one way to perform an action, and the worker's jobs on demand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import time_machine
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from recovery.actions import SYSTEM, Call, perform
from recovery.actions.receipts import Outcome
from tests.roles import as_role, set_scene

# Monday, 07:00 in Los Angeles and 10:00 in New York, six days before summer time begins.
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
# What an action's input cannot be named, for these are options of the call.
OPTIONS = ("key", "base", "client_time", "session_id")


def act(person: Any, action: str, /, *, now: datetime = NOW, **data: Any) -> Outcome:
    """Perform an action as one request of `person` does, under a fresh idempotency key.

    `data` is the action's input; ids and dates become text, as JSON would have it. The keywords
    in OPTIONS go to the `Call` instead. Raises the action's refusal.
    """
    options = {name: data.pop(name) for name in OPTIONS if name in data}
    plain = json.loads(json.dumps(data, default=str))
    call = Call(actor=person, now=now, **options)
    if person is not SYSTEM:
        return perform(action, data=plain, call=call)
    # The system acts as the worker does, in role `jobs`.
    with set_scene() if connection.in_atomic_block else as_role("jobs"):
        return perform(action, data=plain, call=call)


def act_as_system(action: str, /, *, now: datetime = NOW, **data: Any) -> Outcome:
    """Perform as a job does, in a connection of its own. Sees and makes only what is committed."""
    with as_role("jobs"):
        return act(SYSTEM, action, now=now, **data)


def run_jobs(now: datetime = NOW) -> list[str]:
    """Run every waiting job, as the worker does. Returns their names in order."""
    done: list[str] = []
    with as_role("jobs"), time_machine.travel(now, tick=False):
        while waiting := list(ProcrastinateJob.objects.filter(status="todo").order_by("id")):
            for job in waiting:
                app.tasks[job.task_name].func(**job.args)
                _finish(job.id)
                done.append(job.task_name)
    return done


DAILY = ("care.extend_timetables", "care.turn_weeks", "care.begin_levels", "care.plan_everybody")


def run_daily(now: datetime) -> None:
    """Run what the worker does by the clock."""
    with as_role("jobs"), time_machine.travel(now, tick=False):
        for task in DAILY:
            app.tasks[task].func(0)


def _finish(job_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_events WHERE job_id = %s", [job_id])
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job_id])
