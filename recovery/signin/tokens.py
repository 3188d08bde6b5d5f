"""Bearer tokens: opaque, random, prefixed so that a leaked one is recognised; stored as SHA-256.

A refresh token is a family, which stays the same for one sign-in, and a secret, which changes
with each use. So any token that a session ever had is recognised, however old, without keeping
them all.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from dataclasses import dataclass

ACCESS, REFRESH = "hra_", "hrr_"
FAMILY_BYTES, SECRET_BYTES = 16, 32
_ACCESS = re.compile(r"hra_[A-Za-z0-9_-]{43}")
_REFRESH = re.compile(r"hrr_[A-Za-z0-9_-]{64}")


@dataclass(frozen=True)
class RefreshToken:
    """`family`: 128 random bits of the sign-in; `secret`: 256 random bits of this one token."""

    family: bytes
    secret: bytes

    def __str__(self) -> str:
        return REFRESH + _text(self.family + self.secret)

    def __repr__(self) -> str:
        return "RefreshToken(...)"

    def successor(self) -> RefreshToken:
        """The next token of this family."""
        return RefreshToken(self.family, secrets.token_bytes(SECRET_BYTES))


def new_access_token() -> str:
    """`hra_` and 43 characters: 256 random bits."""
    return ACCESS + _text(secrets.token_bytes(SECRET_BYTES))


def new_refresh_token() -> RefreshToken:
    """The first token of a new family."""
    return RefreshToken(secrets.token_bytes(FAMILY_BYTES), b"").successor()


def parse_refresh_token(given: str) -> RefreshToken | None:
    """The parts of a token as it was presented, or None when it cannot be one."""
    if not _REFRESH.fullmatch(given):
        return None
    try:
        raw = base64.b64decode(given.removeprefix(REFRESH), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    return RefreshToken(raw[:FAMILY_BYTES], raw[FAMILY_BYTES:])


def is_access_token(given: str) -> bool:
    return _ACCESS.fullmatch(given) is not None


def digest(value: str | bytes) -> bytes:
    """SHA-256: enough for values of 128 random bits and more."""
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
