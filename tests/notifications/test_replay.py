"""Dead pushes and letters can be planned again."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models.functions import Now

from notifications import queue
from notifications.models import Delivery, Letter
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import reachable
from tests.notifications.kinds import OPEN_APP, REMINDER
from tests.notifications.running import RunningSimulator, pump
from tests.roles import as_role

PHONE = "device:0123456789"


@pytest.fixture
def ana(committed_db: None, fcm: RunningSimulator) -> User:
    """A user with one push and one letter that are dead."""
    user = reachable(PHONE)
    fcm.answers(PHONE, "invalid_field")
    with transaction.atomic():
        set_actor(user.id)
        queue.push(REMINDER, scope_id=user.id)
        queue.email(OPEN_APP, scope_id=user.id, address="ana@example.org")
        Letter.objects.filter(scope_id=user.id).update(state="dead", reason="smtp_550")
    pump(fcm)
    return user


def replay(*arguments: str) -> str:
    output = StringIO()
    with as_role("pump"):
        call_command("replay_dead", *arguments, stdout=output)
    return output.getvalue()


def states(user: User) -> tuple[str, str]:
    with transaction.atomic():
        set_actor(user.id)
        push = Delivery.objects.get(scope_id=user.id)
        return push.state, Letter.objects.get(scope_id=user.id).state


def test_dead_rows_are_listed_by_reason_and_left_alone(ana: User) -> None:
    assert replay() == "pushes: 1 dead: invalid_request\nletters: 1 dead: smtp_550\n"
    assert states(ana) == ("dead", "dead")


def test_one_reason_is_planned_again(ana: User, fcm: RunningSimulator) -> None:
    output = replay("--reason", "invalid_request")
    assert output == "pushes: 1 planned again\nletters: 0 planned again\n"
    pump(fcm)
    assert states(ana) == ("sent", "dead")
    assert len(fcm.accepted(PHONE)) == 1


def test_all_are_planned_again(ana: User) -> None:
    assert replay("--all") == "pushes: 1 planned again\nletters: 1 planned again\n"
    assert states(ana) == ("planned", "planned")


def test_expired_rows_stay_dead(ana: User) -> None:
    with transaction.atomic():
        set_actor(ana.id)
        Delivery.objects.filter(scope_id=ana.id).update(expires=Now())
    assert replay("--all").startswith("pushes: 0 planned again")
    assert states(ana)[0] == "dead"


def test_only_the_pump_may_replay(ana: User) -> None:
    with pytest.raises(CommandError, match="DATABASE_ROLE=pump"):
        call_command("replay_dead", "--all")
    assert states(ana) == ("dead", "dead")
