"""The real worker process polls, and a job commits with its cause or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from recovery.actions.jobs import later
from recovery.care.models import Reminder
from recovery.signin.models import User
from tests.cast import act, employ, load_programme, make_user, open_group
from tests.roles import as_role
from tools.local.stack import Stack

PATIENCE = 90


def wait_for(condition: Callable[[], bool]) -> None:
    """The limit only ends a test that would otherwise hang."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.2)


def make_series(leader: User, group: str) -> None:
    first_date = (timezone.now() + timedelta(days=2)).date()
    series: dict[str, Any] = {
        "kind": "group",
        "title": "Evening group",
        "rule": "FREQ=DAILY;COUNT=1",
        "first_date": first_date.isoformat(),
        "times": ["18:00"],
        "minutes": 60,
    }
    act(leader, "care.create_series", now=timezone.now(), scope=group, **series)


def reminders(user_id: UUID) -> int:
    with as_role("jobs"):
        return Reminder.objects.in_scope(user_id).count()


def test_the_worker_plans_what_was_committed(stack: Stack) -> None:
    load_programme()
    leader, member = employ(), make_user()
    make_series(leader, f"group:{open_group(leader, member)}")
    wait_for(lambda: reminders(member.id) == 2)


def jobs_waiting() -> int:
    with as_role("jobs"):
        return int(ProcrastinateJob.objects.count())


@pytest.mark.usefixtures("committed_db")
def test_a_job_is_rolled_back_with_its_cause() -> None:
    with transaction.atomic():
        later("care.plan_person", user_id=str(UUID(int=1)))
        transaction.set_rollback(True)
    assert jobs_waiting() == 0
    later("care.plan_person", user_id=str(UUID(int=1)))
    assert jobs_waiting() == 1


@pytest.mark.usefixtures("committed_db")
def test_enqueueing_an_unknown_job_is_an_error() -> None:
    with pytest.raises(KeyError):
        later("care.plan_everything")
    assert jobs_waiting() == 0
