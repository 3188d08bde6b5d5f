"""Encryption at rest (AES-256-GCM) for secrets: addresses, codes, device tokens, files.

Table, column, row and scope are authenticated with each value, so a ciphertext that was moved to
another row does not decrypt. Layout: version (1) | key id (4) | nonce (12) | ciphertext and tag.
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
HEADER = 5  # bytes: version and key id


class Unsealable(Exception):
    """The value was changed, belongs to another row, or its key is not in SEALING_KEY."""


class AssociatedData(NamedTuple):
    """What AES-GCM authenticates together with the value: where it is stored."""

    table: str
    column: str
    row: uuid.UUID
    scope: uuid.UUID


def seal(aad: AssociatedData, plain: bytes) -> bytes:
    """Encrypt `plain` under the first (newest) key of SEALING_KEY."""
    key_id, key = _keys()[0]
    header = VERSION + key_id
    nonce = os.urandom(12)
    return header + nonce + AESGCM(key).encrypt(nonce, plain, _encode(aad, header))


def unseal(aad: AssociatedData, sealed: bytes) -> bytes:
    """Decrypt a value that was sealed with the same `aad`. Raises Unsealable."""
    header, nonce, body = sealed[:HEADER], sealed[HEADER:17], sealed[17:]
    key = dict(_keys()).get(header[1:])
    if header[:1] != VERSION or key is None:
        raise Unsealable
    try:
        return AESGCM(key).decrypt(nonce, body, _encode(aad, header))
    except InvalidTag:
        raise Unsealable from None


def is_current(sealed: bytes) -> bool:
    """Whether the newest key sealed it. The first HEADER bytes are enough."""
    return sealed[:HEADER] == VERSION + _keys()[0][0]


def reseal(aad: AssociatedData, sealed: bytes) -> bytes:
    """The same value under the newest key. Raises Unsealable."""
    return seal(aad, unseal(aad, sealed))


def fingerprint(value: str) -> bytes:
    """A keyed hash, under the newest key, that recognises a device token without storing it in
    clear."""
    return fingerprints(value)[0]


def fingerprints(value: str) -> list[bytes]:
    """`fingerprint` under every key, newest first: what is stored may be under any of them."""
    keys = [_derive(secret, b"handrail fingerprint of a device token") for secret in _secrets()]
    return [hmac.digest(key, value.encode(), "sha256") for key in keys]


def _encode(aad: AssociatedData, header: bytes) -> bytes:
    names = f"{aad.table}.{aad.column}".encode()
    return names + b"\0" + aad.row.bytes + aad.scope.bytes + header


def _secrets() -> tuple[str, ...]:
    """SEALING_KEY is one secret, or several separated by commas, newest first."""
    return tuple(part.strip() for part in settings.SEALING_KEY.split(",") if part.strip())


def _keys() -> list[tuple[bytes, bytes]]:
    keys = [_derive(secret, b"handrail sealed values") for secret in _secrets()]
    return [(sha256(key).digest()[:4], key) for key in keys]


@cache
def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret.encode())
