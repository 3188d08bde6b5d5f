"""The rotation of refresh tokens, case by case."""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.problems import NotSignedIn, ProofRequired, Wipe
from notifications.models import Intent, PushRegistration
from notifications.registrations import register
from recovery.actions.models import AuditEvent
from recovery.signin.authentication import by_access_token
from recovery.signin.proofs import Proof
from recovery.signin.refresh import refresh
from recovery.signin.tokens import new_refresh_token, parse_refresh_token, sha256
from tests.cast import NOW, make_user, sign_in
from tests.signin.device_sessions import revoke, stored

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def test_the_current_token_is_exchanged_for_the_next_pair() -> None:
    first = sign_in(make_user())
    with CaptureQueriesContext(connection) as statements:
        second = refresh(first["refresh_token"], now=NOW + MINUTE)
    assert [q["sql"].split()[0] for q in statements] == ["SAVEPOINT", "SELECT", "UPDATE", "RELEASE"]
    assert by_access_token(second["access_token"], NOW + 15 * MINUTE)
    assert stored(first).generation == 2
    with pytest.raises(NotSignedIn):
        by_access_token(first["access_token"], NOW + MINUTE)


def test_a_lost_answer_can_be_requested_again_for_a_minute() -> None:
    first = sign_in(make_user())
    lost = refresh(first["refresh_token"], now=NOW + 10 * MINUTE)
    again = refresh(first["refresh_token"], now=NOW + 11 * MINUTE)
    assert again["refresh_token"] != lost["refresh_token"]
    assert refresh(again["refresh_token"], now=NOW + 12 * MINUTE)


def test_after_a_minute_the_previous_token_is_a_copy() -> None:
    first = sign_in(make_user())
    refresh(first["refresh_token"], now=NOW)
    assert_reuse(first, first["refresh_token"], NOW + MINUTE + timedelta(seconds=1))


def test_a_repeated_request_does_not_extend_the_minute() -> None:
    first = sign_in(make_user())
    refresh(first["refresh_token"], now=NOW)
    refresh(first["refresh_token"], now=NOW + MINUTE)
    assert_reuse(first, first["refresh_token"], NOW + 2 * MINUTE)


def test_using_the_new_access_token_proves_the_answer_arrived() -> None:
    first = sign_in(make_user())
    second = refresh(first["refresh_token"], now=NOW)
    by_access_token(second["access_token"], NOW)
    assert_reuse(first, first["refresh_token"], NOW)


def test_a_successor_that_was_replaced_is_a_copy() -> None:
    first = sign_in(make_user())
    lost = refresh(first["refresh_token"], now=NOW)
    refresh(first["refresh_token"], now=NOW)
    assert_reuse(first, lost["refresh_token"], NOW)


def test_a_token_from_long_ago_is_a_copy() -> None:
    first = sign_in(make_user())
    tokens = first
    for minute in range(1, 6):
        tokens = refresh(tokens["refresh_token"], now=NOW + minute * MINUTE)
    assert_reuse(first, first["refresh_token"], NOW + 6 * MINUTE)


def assert_reuse(session: dict[str, str], token: str, now: Any) -> None:
    """The copy ends the whole session with its pushes, and the other devices are notified."""
    register(
        user_id=stored(session).scope_id,
        session_id=stored(session).id,
        kind="token",
        value="a device",
        platform="android",
        now=NOW,
    )
    with pytest.raises(NotSignedIn):
        refresh(token, now=now)
    row = stored(session)
    assert (row.revoked_why, row.revoked_at) == ("reuse", now)
    mine = {"scope_id": row.scope_id}
    assert not PushRegistration.objects.filter(**mine, session_id=row.id).exists()
    assert Intent.objects.filter(**mine, type="people.device_alert").exists()
    assert AuditEvent.objects.filter(**mine, action="people.end_reused_session").count() == 1


def test_an_unknown_token_changes_nothing() -> None:
    first = sign_in(make_user())
    for unknown in (str(new_refresh_token()), "", "hrr_", "hrr_" + "é" * 64, "hra_" + "a" * 64):
        with pytest.raises(NotSignedIn):
            refresh(unknown, now=NOW)
    assert refresh(first["refresh_token"], now=NOW)


def test_an_idle_session_ends_and_use_extends_it() -> None:
    first = sign_in(make_user())
    second = refresh(first["refresh_token"], now=NOW + timedelta(days=59))
    third = refresh(second["refresh_token"], now=NOW + timedelta(days=118))
    with pytest.raises(NotSignedIn):
        refresh(third["refresh_token"], now=NOW + timedelta(days=178))
    assert stored(first).revoked_at is None


def test_use_does_not_extend_a_session_beyond_its_absolute_end() -> None:
    staff = make_user(is_staff=True)
    tokens = sign_in(staff)
    for quarter in range(1, 48):
        tokens = refresh(tokens["refresh_token"], now=NOW + quarter * timedelta(minutes=14))
    end = NOW + timedelta(hours=12)
    assert stored(tokens).access_expires_at <= end
    with pytest.raises(NotSignedIn):
        refresh(tokens["refresh_token"], now=end + 12 * MINUTE)


def test_only_the_last_credential_gets_the_order_to_wipe() -> None:
    user = make_user()
    first = sign_in(user)
    second = refresh(first["refresh_token"], now=NOW)
    by_access_token(second["access_token"], NOW)
    revoke(user, second, wipe=True)
    with pytest.raises(Wipe):
        refresh(second["refresh_token"], now=NOW + timedelta(days=300))
    with pytest.raises(NotSignedIn):
        refresh(first["refresh_token"], now=NOW)


class Key:
    """A device key as held by secure hardware."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> str:
        spki = PublicFormat.SubjectPublicKeyInfo
        return base64.b64encode(self.private.public_key().public_bytes(Encoding.DER, spki)).decode()

    def proof(self, tokens: dict[str, str], now: Any, **changed: str) -> Proof:
        made = {"nonce": secrets.token_hex(8), "time": now.isoformat(), "path": "/x", **changed}
        proof = Proof("POST", "host", signature=b"", **made)
        token = parse_refresh_token(tokens["refresh_token"])
        assert token is not None
        text = proof.text(stored(tokens), sha256(str(token)))
        signature = self.private.sign(text, ec.ECDSA(SHA256()))
        return Proof("POST", "host", proof.path, proof.time, proof.nonce, signature)


def test_a_session_with_a_device_key_requires_its_proof() -> None:
    key = Key()
    tokens = sign_in(make_user(), public_key=key.public)
    for proof in (None, Key().proof(tokens, NOW), key.proof(tokens, NOW + 6 * MINUTE)):
        with pytest.raises(ProofRequired):
            refresh(tokens["refresh_token"], now=NOW, proof=proof)
    assert stored(tokens).generation == 1
    assert refresh(tokens["refresh_token"], now=NOW, proof=key.proof(tokens, NOW))


def test_with_proof_a_lost_answer_can_be_requested_at_any_time() -> None:
    key = Key()
    tokens = sign_in(make_user(), public_key=key.public)
    refresh(tokens["refresh_token"], now=NOW, proof=key.proof(tokens, NOW))
    later = NOW + timedelta(days=3)
    assert refresh(tokens["refresh_token"], now=later, proof=key.proof(tokens, later))


def test_a_proof_is_valid_once_and_for_its_own_request() -> None:
    key = Key()
    tokens = sign_in(make_user(), public_key=key.public)
    proof = key.proof(tokens, NOW)
    elsewhere = Proof("POST", "host", "/elsewhere", proof.time, proof.nonce, proof.signature)
    with pytest.raises(ProofRequired):
        refresh(tokens["refresh_token"], now=NOW, proof=elsewhere)
    assert refresh(tokens["refresh_token"], now=NOW, proof=proof)
    with pytest.raises(ProofRequired):
        refresh(tokens["refresh_token"], now=NOW, proof=proof)
