"""Voluntary Application Server Identification (RFC 8292): who we are to the push services of
browsers. A subscription works only with the key that it was made for."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from datetime import datetime
from functools import lru_cache

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from notifications.transports.credentials import Misconfigured
from notifications.transports.subscriptions import decoded

KEY = re.compile(r"[A-Za-z0-9_-]{43}=?")
HOUR = 3600
# Services refuse a token that is valid for more than a day.
LIFE = 12 * HOUR


class Vapid:
    """`contact`: a URL under which the operator of a push service finds who sends."""

    def __init__(self, private: ec.EllipticCurvePrivateKey, contact: str) -> None:
        self._private, self._contact = private, contact
        self.public = encoded(point(private.public_key()))

    def authorization(self, origin: str, now: datetime) -> str:
        """The header for the push service at `origin`."""
        hour = int(now.timestamp()) // HOUR * HOUR
        return f"vapid t={_token(self._private, self._contact, origin, hour)}, k={self.public}"


def vapid() -> Vapid:
    """The key of VAPID_KEY. Raises Misconfigured."""
    unusable = Misconfigured("Set VAPID_KEY to 32 random bytes in base64url.")
    if not KEY.fullmatch(settings.VAPID_KEY):
        raise unusable
    try:
        number = int.from_bytes(decoded(settings.VAPID_KEY))
        private = ec.derive_private_key(number, ec.SECP256R1())
    except ValueError:
        raise unusable from None
    return Vapid(private, settings.PUBLIC_URL)


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """The 65 bytes by which Web Push knows a public key."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encoded(data: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@lru_cache(maxsize=256)
def _token(private: ec.EllipticCurvePrivateKey, contact: str, origin: str, hour: int) -> str:
    claims = {"aud": origin, "exp": hour + LIFE, "sub": contact}
    return jwt.encode(claims, private, algorithm="ES256")
