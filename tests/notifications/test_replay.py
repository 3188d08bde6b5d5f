"""Dead pushes and letters can be planned again."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from uuid_utils.compat import uuid7

from notifications import queue
from notifications.models import Delivery, Letter
from recovery.feed.context import set_actor
from recovery.people.models import User
from tests.factories.devices import reachable
from tests.notifications.kinds import OPEN_APP, REMINDER
from tests.notifications.running import RunningSimulator, pump

PHONE = "device:0123456789"


@pytest.fixture
def alice(committed_db: None, fcm: RunningSimulator) -> User:
    """Somebody with one push that died of a fault of ours."""
    user = reachable(PHONE)
    fcm.answers(PHONE, "invalid_field")
    with transaction.atomic():
        set_actor(user.id)
        queue.push(REMINDER, scope_id=user.id)
        queue.email(OPEN_APP, scope_id=user.id, address="alice@example.org")
        Letter.objects.filter(scope_id=user.id).update(state="dead", reason="smtp_550")
    pump(fcm)
    return user


def replay(user: User, *arguments: str) -> str:
    """The command as the database shows things to `user`."""
    said = StringIO()
    with transaction.atomic():
        set_actor(user.id)
        call_command("replay_dead", *arguments, stdout=said)
    return said.getvalue()


def states(user: User) -> tuple[str, str]:
    with transaction.atomic():
        set_actor(user.id)
        push = Delivery.objects.get(scope_id=user.id)
        return push.state, Letter.objects.get(scope_id=user.id).state


def test_they_are_listed_by_reason_and_left_alone(alice: User) -> None:
    assert replay(alice) == "pushes: 1 dead: invalid_request\nletters: 1 dead: smtp_550\n"
    assert states(alice) == ("dead", "dead")


def test_one_reason_is_planned_again(alice: User, fcm: RunningSimulator) -> None:
    said = replay(alice, "--reason", "invalid_request")
    assert said == "pushes: 1 planned again\nletters: 0 planned again\n"
    pump(fcm)
    assert states(alice) == ("sent", "dead")
    assert len(fcm.accepted(PHONE)) == 1


def test_all_are_planned_again(alice: User) -> None:
    assert replay(alice, "--all") == "pushes: 1 planned again\nletters: 1 planned again\n"
    assert states(alice) == ("planned", "planned")


def test_what_has_expired_stays_dead(alice: User) -> None:
    with transaction.atomic():
        set_actor(alice.id)
        row = Delivery.objects.get(scope_id=alice.id)
        Delivery.objects.filter(scope_id=alice.id).update(expires=row.due)
        Delivery.objects.filter(scope_id=alice.id).update(fence=row.fence, expires=row.settled_at)
    assert replay(alice, "--all").startswith("pushes: 0 planned again")
    assert states(alice)[0] == "dead"


def test_strangers_have_nothing_to_replay(alice: User) -> None:
    stranger = reachable(f"device:{uuid7().hex}")
    assert replay(stranger, "--all") == "pushes: 0 planned again\nletters: 0 planned again\n"
    assert states(alice) == ("dead", "dead")
