"""AES-256-GCM for the few values here that are worth stealing: addresses, codes, device tokens.

A sealed value opens only in its own place: table, column, row and scope are authenticated with
it, so a ciphertext moved to another row is refused. Layout: version (1) | key id (4) |
nonce (12) | ciphertext and tag.
"""

from __future__ import annotations

import hmac
import os
import uuid
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = b"\x01"


class Unsealable(Exception):
    """The value was sealed elsewhere, under a key we do not have, or was changed."""


class Place(NamedTuple):
    """Where a sealed value lives."""

    table: str
    column: str
    row: uuid.UUID
    scope: uuid.UUID


def seal(place: Place, plain: bytes) -> bytes:
    """Encrypt `plain` for `place` under the first of the keys in SEALING_KEY."""
    key_id, key = _keys()[0]
    head = VERSION + key_id
    nonce = os.urandom(12)
    return head + nonce + AESGCM(key).encrypt(nonce, plain, _context(place, head))


def unseal(place: Place, sealed: bytes) -> bytes:
    """The plain text of a value sealed for `place`. Unsealable: anything else."""
    head, nonce, body = sealed[:5], sealed[5:17], sealed[17:]
    key = dict(_keys()).get(head[1:])
    if head[:1] != VERSION or key is None:
        raise Unsealable
    try:
        return AESGCM(key).decrypt(nonce, body, _context(place, head))
    except InvalidTag:
        raise Unsealable from None


def fingerprint(value: str) -> bytes:
    """A keyed hash by which a device token is recognised without being readable."""
    key = _derive(_secrets()[0], b"handrail fingerprint of a device token")
    return hmac.digest(key, value.encode(), "sha256")


def _context(place: Place, head: bytes) -> bytes:
    names = f"{place.table}.{place.column}".encode()
    return names + b"\0" + place.row.bytes + place.scope.bytes + head


def _secrets() -> tuple[str, ...]:
    """SEALING_KEY: one secret, or several separated by commas, the newest first."""
    return tuple(part.strip() for part in settings.SEALING_KEY.split(",") if part.strip())


def _keys() -> list[tuple[bytes, bytes]]:
    derived = [_derive(secret, b"handrail sealed values") for secret in _secrets()]
    return [(sha256(key).digest()[:4], key) for key in derived]


@cache
def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret.encode())
