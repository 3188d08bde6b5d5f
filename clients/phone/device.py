"""The phone's signing key, generated at install and never sent anywhere.

A refresh signed with it proves that it comes from this phone. A stolen token alone is therefore
worth little, and a refresh whose answer was lost can be repeated at any later time.
"""

import base64
import hashlib
import secrets
from datetime import datetime
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from clients.phone.clock import format_time


def new_key() -> str:
    """A P-256 private key in base64. A real phone keeps it in its secure hardware."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _base64(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def public_key(private: str) -> str:
    """DER SubjectPublicKeyInfo in base64, the format the server expects."""
    return _base64(
        _load(private).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )


def proof(private: str, url: str, at: datetime, session: str, token: str) -> dict[str, str]:
    """Sign one POST to `url` with this token; `at` is the server's time."""
    parts, time, nonce = urlsplit(url), format_time(at), secrets.token_urlsafe(16)
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    lines = ("POST", parts.netloc, parts.path, time, nonce, session, token_hash)
    signature = _load(private).sign("\n".join(lines).encode(), ec.ECDSA(SHA256()))
    return {"time": time, "nonce": nonce, "signature": _base64(signature)}


def _load(private: str) -> ec.EllipticCurvePrivateKey:
    key = load_der_private_key(base64.b64decode(private), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
