"""Sessions over HTTP: what a phone sees when it refreshes, lists, signs out and wipes."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from recovery.signin.models import DeviceSession
from tests.cast import FakePhone, make_user

pytestmark = pytest.mark.django_db


def test_refreshing() -> None:
    phone = FakePhone(make_user())
    answer = phone.refresh()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert set(answer.json()) == set(phone.tokens)
    assert phone.get("sessions").json()["code"] == "not_signed_in"
    phone.tokens = answer.json()
    assert phone.get("sessions").status_code == 200


@pytest.mark.parametrize("body", [{}, {"refresh_token": 7}, {"refresh_token": "x", "more": 1}])
def test_an_invalid_refresh_is_refused(body: Any) -> None:
    answer = FakePhone(make_user()).post("sessions/refresh", body, signed_in=False)
    assert answer.status_code == (401 if body == {"refresh_token": 7} else 400)


def test_an_unknown_token_is_not_signed_in() -> None:
    phone = FakePhone(make_user())
    phone.tokens["refresh_token"] = "hrr_" + "a" * 64
    answer = phone.refresh()
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_the_list_contains_only_ones_own_devices() -> None:
    user = make_user()
    phone, tablet = FakePhone(user, name="Phone"), FakePhone(user, name="Tablet")
    FakePhone(make_user(), name="Someone else's")
    assert [row["name"] for row in phone.get("sessions").json()] == ["Tablet", "Phone"]
    assert tablet.get("sessions").json()[0]["id"] == tablet.tokens["session"]


def test_signing_out_ends_access_and_refresh() -> None:
    phone = FakePhone(make_user())
    assert phone.post("sessions/sign-out").status_code == 204
    assert phone.get("sessions").status_code == 401
    assert phone.refresh().status_code == 401


def test_a_lost_phone_gets_the_order_to_wipe_until_it_confirms() -> None:
    user = make_user()
    lost, tablet = FakePhone(user), FakePhone(user)
    path = f"sessions/{lost.tokens['session']}/revoke"
    assert tablet.post(path, {"wipe": True}).status_code == 204
    for answer in (lost.get("sessions"), lost.refresh(), lost.post("actions/people.sign_out")):
        assert answer.status_code == 410
        problem = answer.json()
        assert (problem["code"], problem["action"]) == ("wipe", "wipe")
    assert pending(lost)
    receipt = {"receipt": problem["receipt"]}
    assert lost.post("sessions/wipe-receipt", receipt, signed_in=False).status_code == 204
    assert not pending(lost)
    assert lost.post("sessions/wipe-receipt", receipt, signed_in=False).status_code == 204


def pending(phone: FakePhone) -> bool:
    rows = DeviceSession.objects.in_scope(uuid.UUID(phone.tokens["user"]))
    row = rows.get(id=phone.tokens["session"])
    return row.wipe_requested_at is not None and row.wipe_acked_at is None


def test_a_forged_receipt_gets_the_same_answer_and_changes_nothing() -> None:
    user = make_user()
    lost, tablet = FakePhone(user), FakePhone(user)
    tablet.post(f"sessions/{lost.tokens['session']}/revoke", {"wipe": True})
    for receipt in ("x", "%%%", "A" * 88):
        answer = lost.post("sessions/wipe-receipt", {"receipt": receipt}, signed_in=False)
        assert answer.status_code == 204
    assert pending(lost)


def test_a_strangers_session_cannot_be_ended() -> None:
    phone, stranger = FakePhone(make_user()), FakePhone(make_user())
    answer = stranger.post(f"sessions/{phone.tokens['session']}/revoke", {"wipe": True})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert phone.get("sessions").status_code == 200


def test_staff_without_a_second_factor_are_refused_but_may_sign_out() -> None:
    phone = FakePhone(make_user(is_staff=True), methods=["enrolment_code"])
    answer = phone.get("sessions")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")
    assert phone.post("sessions/sign-out").status_code == 204
    assert phone.get("sessions").status_code == 401


def test_calling_the_action_directly_does_not_sign_in() -> None:
    phone = FakePhone(make_user())
    body = {
        "install": "x" * 20,
        "device": {"platform": "ios", "app": "1", "name": ""},
        "methods": ["passkey"],
    }
    before = DeviceSession.objects.in_scope(uuid.UUID(phone.tokens["user"])).count()
    answer = phone.http.post(
        "/api/v1/actions/people.sign_in",
        body,
        content_type="application/json",
        headers={
            "Authorization": f"Bearer {phone.tokens['access_token']}",
            "Idempotency-Key": "018f0000-0000-7000-8000-00000000abcd",
        },
    )
    assert answer.status_code in (403, 404)
    assert DeviceSession.objects.in_scope(uuid.UUID(phone.tokens["user"])).count() == before
