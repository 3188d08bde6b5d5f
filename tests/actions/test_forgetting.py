"""Deletion of phones that are idle too long, and of receipts that no phone can need again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from foundation.problems import Invalid
from recovery.actions import SYSTEM, jobs
from recovery.actions.models import FailedMutation, Receipt
from recovery.feed.context import set_actor
from recovery.feed.models import SyncClient
from recovery.signin.models import DeviceSession
from tests.cast import FakePhone, act, answer, make_user, mutation
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")
DAY = timedelta(days=1)


@pytest.fixture
def phone() -> FakePhone:
    return FakePhone(make_user(), registered=True)


def forget_in(days: float) -> None:
    with as_role("jobs"), time_machine.travel(timezone.now() + days * DAY, tick=False):
        jobs.forget_receipts(0)


def count(phone: FakePhone, model: Any) -> int:
    with transaction.atomic():
        set_actor(phone.user.id)
        return int(model.objects.in_scope(phone.user.id).count())


def sign_out_other(phone: FakePhone) -> dict[str, Any]:
    other = FakePhone(phone.user)
    return mutation(1, "people.revoke_session", {"session": other.tokens["session"]})


def test_a_receipt_lives_longer_than_any_phone_may_be_idle() -> None:
    """Otherwise a known phone could repeat a mutation without a receipt and look like a clone."""
    assert jobs.IDLE < jobs.KEEP


def test_a_phone_is_forgotten_after_60_days_and_its_answers_after_90(phone: FakePhone) -> None:
    answer(phone.push(sign_out_other(phone)))
    receipts = count(phone, Receipt)
    forget_in(59)
    assert (count(phone, SyncClient), count(phone, Receipt)) == (1, receipts)
    forget_in(61)
    assert (count(phone, SyncClient), count(phone, Receipt)) == (0, receipts)
    forget_in(91)
    assert count(phone, Receipt) == 0


def test_a_forgotten_phone_can_resend_its_outbox(phone: FakePhone) -> None:
    sign_out = sign_out_other(phone)
    answer(phone.push(sign_out))
    forget_in(61)
    assert answer(phone.push(sign_out), 404)["code"] == "client_unknown"
    phone.register()
    again = answer(phone.push(sign_out))
    assert again["results"][0]["dup"] is True
    assert count(phone, DeviceSession) == 2


def test_an_active_phone_is_kept(phone: FakePhone) -> None:
    other = FakePhone(phone.user, registered=True)
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        phone.pull()
    with as_role("jobs"):
        SyncClient.objects.filter(scope_id=phone.user.id, id=other.client_id).update(
            last_seen=timezone.now() - 61 * DAY
        )
    forget_in(0)
    phone.pull()
    body = {"client_id": other.client_id}
    assert answer(other.post("/api/v1/sync/pull", body), 404)["code"] == "client_unknown"


def test_receipts_of_the_system_and_of_failures_are_deleted_too(phone: FakePhone) -> None:
    now, key = timezone.now(), uuid7()
    with as_role("jobs"):
        with pytest.raises(Invalid):
            act(SYSTEM, "care.turn_week", now=now, key=key)
        assert Receipt.objects.in_scope(SYSTEM.id).count() == 1
        FailedMutation(scope_id=phone.user.id, id=key, action="x", times=1, first_at=now).save(
            force_insert=True
        )
    forget_in(89)
    assert count(phone, FailedMutation) == 1
    forget_in(91)
    assert count(phone, FailedMutation) == 0
    with as_role("jobs"):
        assert Receipt.objects.in_scope(SYSTEM.id).count() == 0
