"""Bearer tokens: opaque and random, with a prefix so that leak scanners find them. Only their
SHA-256 is stored.

A refresh token consists of a family, which stays the same for one sign-in, and a secret, which
changes with each use. So the server recognises every token a session ever had, however old,
without storing them all.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from dataclasses import dataclass

ACCESS, REFRESH = "hra_", "hrr_"
# The console's browsers keep the access token in it.
SESSION_COOKIE = "__Host-session"
FAMILY_BYTES, SECRET_BYTES = 16, 32
_ACCESS = re.compile(r"hra_[A-Za-z0-9_-]{43}")
_REFRESH = re.compile(r"hrr_[A-Za-z0-9_-]{64}")


@dataclass(frozen=True)
class RefreshToken:
    """`family`: 128 random bits, one per sign-in. `secret`: 256 random bits, one per token."""

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


def parse_refresh_token(text: str) -> RefreshToken | None:
    """None if `text` does not look like a refresh token."""
    if not _REFRESH.fullmatch(text):
        return None
    try:
        raw = base64.b64decode(text.removeprefix(REFRESH), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    return RefreshToken(raw[:FAMILY_BYTES], raw[FAMILY_BYTES:])


def bearer_token(authorization: str) -> str | None:
    """The token of an Authorization header, or None if it has another scheme."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def is_access_token(text: str) -> bool:
    """Whether `text` looks like an access token."""
    return _ACCESS.fullmatch(text) is not None


def sha256(value: str | bytes) -> bytes:
    """Enough for values with at least 128 random bits: those need no slow hash."""
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
