"""Encryption to one browser (RFC 8291) in one record of constant length (RFC 8188)."""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from notifications.transports.vapid import point

RECORD_SIZE = 4096
LAST_RECORD = b"\x02"


def encrypt(
    plain: bytes,
    *,
    browser: EllipticCurvePublicKey,
    secret: bytes,
    length: int,
    private: EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of a request that only this browser can read.

    `secret`: the subscription's `auth`. `length`: to which the plain text is padded; raises
    ValueError if it is longer. `private` and `salt` are random, but for the example of the RFC.
    """
    if len(plain) > length:
        raise ValueError(f"{len(plain)} bytes do not fit into {length}")
    private = private or generate_private_key(SECP256R1())
    salt = salt or os.urandom(16)
    ours = point(private.public_key())
    shared = private.exchange(ECDH(), browser)
    key, nonce = keys(shared, secret=secret, salt=salt, browser=point(browser), sender=ours)
    record = plain + LAST_RECORD + bytes(length - len(plain))
    header = salt + RECORD_SIZE.to_bytes(4) + len(ours).to_bytes(1) + ours
    return header + AESGCM(key).encrypt(nonce, record, None)


def keys(
    shared: bytes, *, secret: bytes, salt: bytes, browser: bytes, sender: bytes
) -> tuple[bytes, bytes]:
    """The key and the nonce of the only record."""
    info = b"WebPush: info\0" + browser + sender
    material = HKDF(SHA256(), 32, salt=secret, info=info).derive(shared)
    return (
        HKDF(SHA256(), 16, salt=salt, info=b"Content-Encoding: aes128gcm\0").derive(material),
        HKDF(SHA256(), 12, salt=salt, info=b"Content-Encoding: nonce\0").derive(material),
    )
