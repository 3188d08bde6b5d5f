"""An action authenticates its caller in its own transaction. Anyone else changes nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from uuid_utils.compat import uuid7

from foundation.valkey import valkey
from recovery.actions.models import Receipt
from recovery.api.actions import BEGIN
from recovery.api.allowances import ACTIONS
from recovery.feed.context import set_actor
from recovery.limits.limit import Use
from recovery.signin.allowances import STRANGER
from recovery.signin.models import DeviceSession
from tests.api.states import brought_into, columns
from tests.architecture import statements
from tests.cast import FakePhone, answer, make_user

pytestmark = pytest.mark.django_db
REVOKE = "people.revoke_session"
PATH = f"/api/v1/actions/{REVOKE}"


@pytest.fixture
def phone() -> FakePhone:
    return FakePhone(make_user())


@pytest.fixture
def other(phone: FakePhone) -> str:
    """Another device of the same person, to be signed out by the action."""
    return str(FakePhone(phone.user).tokens["session"])


def done(phone: FakePhone) -> tuple[int, int]:
    """The number of ended sessions and of the action's receipts."""
    ended = DeviceSession.objects.in_scope(phone.user.id).exclude(revoked_at=None).count()
    return ended, Receipt.objects.in_scope(phone.user.id).filter(action=REVOKE).count()


def test_the_first_statement_authenticates_and_begins(phone: FakePhone, other: str) -> None:
    with statements.counted() as seen:
        answer(phone.do(REVOKE, {"session": other}))
    calls = [re.findall(r"(session_by_access_token|begin_action\w*)\(", text) for text in seen]
    assert [names for names in calls if names] == [["begin_action_by_token"]]
    assert done(phone) == (1, 1)


@pytest.mark.parametrize("state", ["live", "expired", "ended", "wipe"])
def test_an_unusable_session_cannot_act(phone: FakePhone, state: str) -> None:
    token_hash, now = brought_into(state, phone)
    with transaction.atomic(), connection.cursor() as cursor:
        set_actor(None)
        cursor.execute(BEGIN, {"token_hash": token_hash, "now": now, "key": uuid7()})
        assert dict(zip(columns(cursor), cursor.fetchone(), strict=True))["state"] == state
        cursor.execute("SELECT acting_user()")
        assert cursor.fetchone()[0] == (phone.user.id if state == "live" else None)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("{}", {}, 400),
        ("{}", {"Idempotency-Key": "none"}, 400),
        ("{", {"Idempotency-Key": str(uuid7())}, 400),
        ("[" * 5_000, {"Idempotency-Key": str(uuid7())}, 400),
        ('{"name": 1}', {"Idempotency-Key": str(uuid7())}, 400),
        (" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), {"Idempotency-Key": str(uuid7())}, 413),
    ],
)
def test_a_stranger_gets_no_validation_errors(
    phone: FakePhone, body: str, headers: dict[str, str], status: int
) -> None:
    answer(phone.post(PATH, body, **headers), status)
    response = phone.post(PATH, body, **headers, Authorization="Bearer nonsense")
    assert answer(response, 401)["code"] == "not_signed_in"
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["", "Bearer", "Bearer nonsense", "Basic {token}"])
def test_a_stranger_changes_nothing_and_is_counted(
    phone: FakePhone, other: str, scheme: str
) -> None:
    address = ".".join(str(byte) for byte in (10, *uuid7().bytes[-3:]))
    phone.http = Client(REMOTE_ADDR=address)
    headers = {"Authorization": scheme.format(token=phone.tokens["access_token"])}
    response = phone.post(PATH, {"session": other}, **{"Idempotency-Key": str(uuid7())}, **headers)
    assert answer(response, 401)["code"] == "not_signed_in"
    assert int(valkey().get(Use(STRANGER, f"{address}/32").key)) == 1
    assert done(phone) == (0, 0)


@pytest.mark.parametrize(("more", "status"), [({"name": 1}, 400), ({"wipe": True}, 422)])
def test_a_refusal_counts_once_and_confirms_the_tokens(
    phone: FakePhone, other: str, settings: Any, more: dict[str, Any], status: int
) -> None:
    """Stored or not: the second request reuses the key of another request."""
    settings.TRAFFIC_FACTOR = 1
    use, key = Use(ACTIONS.device, str(phone.tokens["session"])), uuid7()
    near = use.limit.allowed - 2  # too close to the limit to count ahead
    valkey().set(use.key, near, px=30_000)
    if status == 422:
        answer(phone.do(REVOKE, {"session": other}, key))
    known = DeviceSession.objects.in_scope(phone.user.id).filter(id=phone.tokens["session"])
    known.update(arrived=False)
    before = done(phone)
    answer(phone.do(REVOKE, {"session": other} | more, key), status)
    assert int(valkey().get(use.key)) == near + before[1] + 1
    assert known.get().arrived
    assert done(phone) == (before[0], 1)


def test_staff_without_a_second_factor_cannot_act() -> None:
    staff = FakePhone(make_user(is_staff=True), methods=["enrolment_code"])
    other = FakePhone(staff.user)
    refused = answer(staff.do(REVOKE, {"session": other.tokens["session"]}), 403)
    assert refused["code"] == "second_factor_required"
    assert done(staff) == (0, 0)


def test_a_device_over_its_limit_cannot_act(phone: FakePhone, other: str, settings: Any) -> None:
    settings.TRAFFIC_FACTOR = 1
    use = Use(ACTIONS.device, str(phone.tokens["session"]))
    valkey().set(use.key, use.limit.allowed, px=30_000)
    key = uuid7()
    assert answer(phone.do(REVOKE, {"session": other}, key), 429)["code"] == "slow_down"
    assert done(phone) == (0, 0)
    valkey().delete(use.key)
    answer(phone.do(REVOKE, {"session": other}, key))
    assert done(phone) == (1, 1)


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options"])
def test_an_action_requires_post(phone: FakePhone, method: str) -> None:
    response = getattr(phone.http, method)(PATH)
    assert answer(response, 405)["code"] == "method_not_allowed"
    assert response["Allow"] == "POST"
