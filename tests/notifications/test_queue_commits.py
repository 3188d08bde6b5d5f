"""The queue with real commits."""

from __future__ import annotations

import pytest
from django.db import transaction

from notifications import queue
from notifications.models import Intent
from recovery.feed.context import set_actor
from tests.cast import make_user
from tests.notifications.kinds import NEWS, OPEN_APP

pytestmark = pytest.mark.usefixtures("committed_db")


def test_it_commits_with_its_transaction_or_not_at_all() -> None:
    ana = make_user()
    with transaction.atomic():
        set_actor(ana.id)
        queue.push(NEWS, scope_id=ana.id)
        transaction.set_rollback(True)
    with transaction.atomic():
        set_actor(ana.id)
        assert not Intent.objects.filter(scope_id=ana.id).exists()
        queue.push(NEWS, scope_id=ana.id)
    with transaction.atomic():
        set_actor(ana.id)
        assert Intent.objects.filter(scope_id=ana.id).count() == 1


def test_outside_a_transaction_nothing_is_queued() -> None:
    ana = make_user()
    with pytest.raises(RuntimeError, match="transaction of its cause"):
        queue.push(NEWS, scope_id=ana.id)
    with pytest.raises(RuntimeError, match="transaction of its cause"):
        queue.email(OPEN_APP, scope_id=ana.id, address="ana@example.org")
