"""One statement authenticates the caller. Callers that are refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.problems import NotSignedIn, SecondFactorRequired, TokenExpired, Wipe
from recovery.signin.authentication import by_access_token
from recovery.signin.models import User
from recovery.signin.wipe_receipts import read_wipe_receipt
from tests.cast import NOW, make_user, sign_in
from tests.signin.device_sessions import revoke, stored

pytestmark = pytest.mark.django_db


def test_the_token_identifies_the_caller_in_one_statement() -> None:
    user = make_user(locale="es")
    tokens = sign_in(user)
    with CaptureQueriesContext(connection) as statements:
        caller = by_access_token(tokens["access_token"], NOW)
    assert len(statements) == 1
    assert (caller.id, caller.locale, caller.is_staff) == (user.id, "es", False)
    assert str(caller.session_id) == tokens["session"]
    assert caller.methods == ["email_code"]
    assert caller.auth_time == NOW


@pytest.mark.parametrize("token", ["", "hra_", "hra_" + "é" * 43, "x" * 5000, "hra_" + "x" * 43])
def test_an_invalid_token_is_not_signed_in(token: str) -> None:
    sign_in(make_user())
    with pytest.raises(NotSignedIn):
        by_access_token(token, NOW)


def test_an_access_token_lives_for_fifteen_minutes() -> None:
    token = sign_in(make_user())["access_token"]
    assert by_access_token(token, NOW + timedelta(minutes=14, seconds=59))
    with pytest.raises(TokenExpired):
        by_access_token(token, NOW + timedelta(minutes=15))


def test_an_unused_session_ends() -> None:
    token = sign_in(make_user())["access_token"]
    with pytest.raises(NotSignedIn):
        by_access_token(token, NOW + timedelta(days=60))


def test_last_seen_is_rounded_and_written_once_in_five_minutes() -> None:
    tokens = sign_in(make_user())
    by_access_token(tokens["access_token"], NOW + timedelta(minutes=7))
    assert stored(tokens).last_seen == NOW + timedelta(minutes=5)
    idle_until = stored(tokens).idle_expires_at
    by_access_token(tokens["access_token"], NOW + timedelta(minutes=9))
    assert stored(tokens).last_seen == NOW + timedelta(minutes=5)
    assert stored(tokens).idle_expires_at == idle_until


def test_a_revoked_session_is_refused_at_the_next_request() -> None:
    user = make_user()
    tokens = sign_in(user)
    revoke(user, tokens)
    with pytest.raises(NotSignedIn):
        by_access_token(tokens["access_token"], NOW)


def test_a_disabled_account_is_refused_at_the_next_request() -> None:
    user = make_user()
    tokens = sign_in(user)
    User.objects.filter(id=user.id).update(is_active=False)
    with pytest.raises(NotSignedIn):
        by_access_token(tokens["access_token"], NOW)


def test_the_order_to_wipe_has_no_expiry() -> None:
    user = make_user()
    tokens = sign_in(user)
    revoke(user, tokens, wipe=True)
    with pytest.raises(Wipe) as wipe:
        by_access_token(tokens["access_token"], NOW + timedelta(days=400))
    receipt = wipe.value.members["receipt"]
    assert [str(id_) for id_ in read_wipe_receipt(receipt) or ()] == [
        tokens["session"],
        tokens["user"],
    ]


def test_staff_without_a_second_factor_may_only_set_one_up() -> None:
    token = sign_in(make_user(is_staff=True), methods=["enrolment_code"])["access_token"]
    with pytest.raises(SecondFactorRequired):
        by_access_token(token, NOW)
    assert by_access_token(token, NOW, second_factor=False).is_staff


def test_staff_are_signed_out_after_fifteen_idle_minutes() -> None:
    token = sign_in(make_user(is_staff=True))["access_token"]
    with pytest.raises(NotSignedIn):
        by_access_token(token, NOW + timedelta(minutes=15))


def test_signing_in_again_on_the_same_install_keeps_its_session() -> None:
    user = make_user()
    first = sign_in(user, install="the same install's secret")
    other = sign_in(user)
    second = sign_in(user, install="the same install's secret", now=NOW + timedelta(minutes=1))
    assert second["session"] == first["session"] != other["session"]
    assert stored(second).auth_time == NOW + timedelta(minutes=1)
    assert by_access_token(second["access_token"], NOW)
    with pytest.raises(NotSignedIn):
        by_access_token(first["access_token"], NOW)
