"""Proof that a request comes from the device whose key the session was begun with.

The P-256 key never leaves the phone's secure hardware. It signs these lines, joined by "\\n":
method, host, path, time (ISO 8601), nonce, session id, SHA-256 of the refresh token in hex.
Each nonce counts once; the phone's clock may be five minutes off.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.utils.dateparse import parse_datetime

from recovery.signin.models import DeviceSession

CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Proof:
    """What the phone signed, where, and how."""

    method: str
    host: str
    path: str
    time: str
    nonce: str
    signature: bytes

    def text(self, session: DeviceSession, token_hash: bytes) -> bytes:
        """The signed lines."""
        lines = (self.method, self.host, self.path, self.time, self.nonce)
        return "\n".join((*lines, str(session.id), token_hash.hex())).encode()


def read_proof(request: Any, given: dict[str, str] | None) -> Proof | None:
    """The proof in a request's body, `{"time", "nonce", "signature"}`, or None."""
    if given is None:
        return None
    try:
        signature = base64.b64decode(given["signature"], validate=True)
    except (binascii.Error, ValueError):
        return None
    where = request.method, request.get_host(), request.path
    return Proof(*where, given["time"], given["nonce"], signature)


def holds(proof: Proof | None, session: DeviceSession, token_hash: bytes, now: datetime) -> bool:
    """Whether the session's key signed this, just now, for this token, for the first time."""
    if proof is None or session.device_key is None or not _is_now(proof.time, now):
        return False
    if any(nonce == proof.nonce for nonce, _ in session.proof_nonces):
        return False
    return _is_signed(proof, session, token_hash)


def remember(proof: Proof, session: DeviceSession, now: datetime) -> None:
    """Let the nonce not count again while its time would still be accepted; unsaved."""
    oldest = (now - 2 * CLOCK_SKEW).isoformat()
    fresh = [pair for pair in session.proof_nonces if pair[1] > oldest]
    session.proof_nonces = [*fresh, [proof.nonce, now.isoformat()]]


def _is_now(time: str, now: datetime) -> bool:
    try:
        told = parse_datetime(time)
    except ValueError:
        return False
    return told is not None and told.tzinfo is not None and abs(now - told) <= CLOCK_SKEW


def _is_signed(proof: Proof, session: DeviceSession, token_hash: bytes) -> bool:
    key = load_der_public_key(bytes(session.device_key or b""))
    assert isinstance(key, EllipticCurvePublicKey)  # noqa: S101  # checked when it was taken
    try:
        key.verify(proof.signature, proof.text(session, token_hash), ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
