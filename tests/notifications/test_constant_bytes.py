"""Every push leaves with the same bytes, whatever happened and to whom."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import recovery.catalog  # noqa: F401  # every domain's types
from notifications import NotificationType, queue
from notifications.models import Intent
from notifications.types import PUSH_CLASSES, all_types
from recovery.feed.context import set_actor
from tests.cast import reachable
from tests.notifications.running import RunningSimulator, pump

PUSHED = [kind for kind in all_types() if kind.push_class]
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
numbers = itertools.count()


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("push_class", sorted(PUSH_CLASSES))
def test_types_of_one_class_send_the_same_bytes(fcm: RunningSimulator, push_class: str) -> None:
    """Who sees the traffic cannot tell a go-round from a message, nor how soon a session is."""
    kinds = [kind for kind in PUSHED if kind.push_class == push_class]
    phones = [announce(kind, kind.name) for kind in kinds]
    now = datetime.now(UTC)
    phones += [announce(kinds[0], "short", expires=now + timedelta(minutes=n)) for n in (7, 70)]
    pump(fcm)
    bodies = set()
    for phone in phones:
        [request] = fcm.requests(phone)
        # Sent at moments on two sides of a quarter of an hour, two pushes differ in it.
        expiry = json.loads(request["body"])["message"]["apns"]["headers"]["apns-expiration"]
        bodies.add(request["body"].replace(phone, "").replace(expiry, ""))
    assert len(bodies) == 1


@pytest.mark.usefixtures("committed_db")
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=st.lists(words, min_size=2, max_size=2, unique=True))
def test_every_type_sends_the_same_bytes(fcm: RunningSimulator, contents: list[str]) -> None:
    assert PUSHED
    pairs = [[announce(kind, content) for content in contents] for kind in PUSHED]
    pump(fcm)
    for phones in pairs:
        [[one], [other]] = [fcm.requests(phone) for phone in phones]
        assert one["body"].replace(*phones) == other["body"]


def announce(kind: NotificationType, content: str, **options: Any) -> str:
    """Announce this content to a new person. Returns their phone's token."""
    phone = f"device:{next(numbers):012}"
    person = reachable(phone)
    with transaction.atomic():
        set_actor(person.id)
        queue.push(kind, scope_id=person.id, dedupe=f"{kind.name}:{content}", **options)
        # Spread pushes are made due at once here, so that they can be compared.
        Intent.objects.filter(scope_id=person.id).update(jitter=0)
    return phone
