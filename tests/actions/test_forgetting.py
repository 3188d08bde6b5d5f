"""Phones that are idle for too long are deleted, and receipts that no phone can need again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from foundation.problems import Invalid
from recovery.actions import SYSTEM, Call, jobs, perform
from recovery.actions.models import FailedMutation, Receipt
from recovery.feed.context import set_actor
from recovery.feed.models import SyncClient
from recovery.signin.models import DeviceSession
from tests.api.http import Caller, answer, mutation
from tests.factories.people import make_user
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")
DAY = timedelta(days=1)


@pytest.fixture
def phone() -> Caller:
    caller = Caller(make_user(), now=timezone.now())
    caller.register()
    return caller


def forget_in(days: float) -> None:
    with as_role("jobs"), time_machine.travel(timezone.now() + days * DAY, tick=False):
        jobs.forget_receipts(0)


def count(phone: Caller, model: Any) -> int:
    with transaction.atomic():
        set_actor(phone.user.id)
        return int(model.objects.in_scope(phone.user.id).count())


def sign_out_other(phone: Caller) -> dict[str, Any]:
    other = Caller(phone.user, now=timezone.now())
    return mutation(1, "people.revoke_session", {"session": other.tokens["session"]})


def test_a_receipt_lives_longer_than_any_phone_may_be_idle() -> None:
    """Otherwise a known phone could repeat a mutation without a receipt, and look like a clone."""
    assert jobs.IDLE < jobs.KEEP


def test_a_phone_is_forgotten_after_60_days_and_its_answers_after_90(phone: Caller) -> None:
    answer(phone.push(sign_out_other(phone)))
    receipts = count(phone, Receipt)
    forget_in(59)
    assert (count(phone, SyncClient), count(phone, Receipt)) == (1, receipts)
    forget_in(61)
    assert (count(phone, SyncClient), count(phone, Receipt)) == (0, receipts)
    forget_in(91)
    assert count(phone, Receipt) == 0


def test_a_phone_that_was_forgotten_hands_in_its_outbox_again_without_harm(phone: Caller) -> None:
    mutation = sign_out_other(phone)
    answer(phone.push(mutation))
    forget_in(61)
    assert answer(phone.push(mutation), 404)["code"] == "client_unknown"
    phone.register()
    again = answer(phone.push(mutation))
    assert again["results"][0]["dup"] is True
    assert count(phone, DeviceSession) == 2


def test_a_phone_that_was_seen_stays(phone: Caller) -> None:
    other = Caller(phone.user, now=timezone.now())
    other.register()
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


def test_what_the_system_did_and_what_failed_is_forgotten_too(phone: Caller) -> None:
    with as_role("jobs"):
        call = Call(actor=SYSTEM, now=timezone.now())
        with pytest.raises(Invalid):
            perform("care.turn_week", data={}, call=call)
        assert Receipt.objects.in_scope(SYSTEM.id).count() == 1
        FailedMutation(
            scope_id=phone.user.id, id=call.key, action="x", times=1, first_at=call.now
        ).save(force_insert=True)
    forget_in(89)
    assert count(phone, FailedMutation) == 1
    forget_in(91)
    assert count(phone, FailedMutation) == 0
    with as_role("jobs"):
        assert Receipt.objects.in_scope(SYSTEM.id).count() == 0
