"""After a restore, nothing is sent that may have been sent before it."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from notifications import queue
from notifications.models import Delivery, Intent, Letter
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import reachable
from tests.notifications.kinds import OPEN_APP, REMINDER
from tests.notifications.running import RunningSimulator, let_leases_end, pump
from tests.roles import as_role

PHONE = "device:restored"
pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def ana() -> User:
    return reachable(PHONE)


def plan(user: User, **when: object) -> None:
    with transaction.atomic():
        set_actor(user.id)
        queue.push(REMINDER, scope_id=user.id, **when)


def fence(role: str = "pump") -> str:
    output = StringIO()
    with as_role(role):
        call_command("fence_outbox", stdout=output)
    return output.getvalue()


def test_overdue_notifications_are_not_sent_and_later_ones_are(
    fcm: RunningSimulator, ana: User
) -> None:
    plan(ana)
    plan(ana, due=timezone.now() + timedelta(days=1))
    with transaction.atomic():
        set_actor(ana.id)
        queue.email(OPEN_APP, scope_id=ana.id, address="ana@example.org")
    assert fence().splitlines() == [
        "pushes: 0 set aside",
        "letters: 1 set aside",
        "intents: 1 set aside",
    ]
    pump(fcm)
    assert fcm.requests(PHONE) == []
    with as_role("pump"):
        assert sorted(Intent.objects.values_list("state", flat=True)) == ["cancelled", "planned"]
        assert [(row.state, row.reason) for row in Letter.objects.all()] == [("dead", "restored")]


def test_claimed_notifications_count_as_possibly_sent(fcm: RunningSimulator, ana: User) -> None:
    """The backup was made between the claim and the mark as sent."""
    plan(ana)
    pump(fcm)
    with as_role("pump"):
        later = timezone.now() + timedelta(minutes=1)
        Delivery.objects.update(state="planned", due=later, settled_at=None)
    assert fence().splitlines()[0] == "pushes: 1 set aside"
    let_leases_end()
    pump(fcm)
    assert len(fcm.requests(PHONE)) == 1


def test_it_requires_the_role_that_sees_everything(ana: User) -> None:
    plan(ana)
    with pytest.raises(CommandError):
        fence("app")
    with as_role("pump"):
        assert Intent.objects.get().state == "planned"
