"""Every push leaves with the same bytes, whatever happened and to whom."""

from __future__ import annotations

import itertools

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import recovery.catalog  # noqa: F401  # every domain's types
from notifications import NotificationType, queue
from notifications.models import Intent
from notifications.types import all_types
from recovery.feed.context import set_actor
from tests.cast import reachable
from tests.notifications.running import RunningSimulator, pump

PUSHED = [kind for kind in all_types() if kind.push_class]
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
numbers = itertools.count()


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


def announce(kind: NotificationType, content: str) -> str:
    """Announce this content to a new person. Returns their phone's token."""
    phone = f"device:{next(numbers):012}"
    person = reachable(phone)
    with transaction.atomic():
        set_actor(person.id)
        queue.push(kind, scope_id=person.id, dedupe=f"{kind.name}:{content}")
        # Spread pushes are made due at once here, so that they can be compared.
        Intent.objects.filter(scope_id=person.id).update(jitter=0)
    return phone
