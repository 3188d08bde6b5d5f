"""Proof of possession: a request comes from the device whose key the session was started with.

The P-256 key never leaves the phone's secure hardware. It signs these lines, joined by "\\n":
method, host, path, time (ISO 8601), nonce, session id, SHA-256 of the refresh token in hex.
Each nonce is valid once. The phone's clock may be five minutes off.
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
    """The request that the phone signed, and its signature."""

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


def parse_proof(request: Any, body: dict[str, str] | None) -> Proof | None:
    """`body`: the request's `proof`, `{"time", "nonce", "signature"}`. None if unreadable."""
    if body is None:
        return None
    try:
        signature = base64.b64decode(body["signature"], validate=True)
    except (binascii.Error, ValueError):
        return None
    target = request.method, request.get_host(), request.path
    return Proof(*target, body["time"], body["nonce"], signature)


def is_valid(proof: Proof | None, session: DeviceSession, token_hash: bytes, now: datetime) -> bool:
    """Whether the session's key signed this request and token just now, with a fresh nonce."""
    if proof is None or session.device_key is None or not _is_recent(proof.time, now):
        return False
    if any(nonce == proof.nonce for nonce, _ in session.proof_nonces):
        return False
    key = load_der_public_key(bytes(session.device_key))
    assert isinstance(key, EllipticCurvePublicKey)  # noqa: S101  # checked when it was stored
    try:
        key.verify(proof.signature, proof.text(session, token_hash), ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def record_nonce(proof: Proof, session: DeviceSession, now: datetime) -> None:
    """Prevent replay. Does not save."""
    # Twice the skew: a proof whose time is five minutes ahead stays valid that much longer.
    oldest = (now - 2 * CLOCK_SKEW).isoformat()
    fresh = [pair for pair in session.proof_nonces if pair[1] > oldest]
    session.proof_nonces = [*fresh, [proof.nonce, now.isoformat()]]


def _is_recent(text: str, now: datetime) -> bool:
    try:
        time = parse_datetime(text)
    except ValueError:
        return False
    return time is not None and time.tzinfo is not None and abs(now - time) <= CLOCK_SKEW
