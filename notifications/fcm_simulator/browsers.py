"""The push service of browsers and the browsers behind it: RFC 8030, 8188, 8291 and 8292.

A real service cannot read what it passes on. Here the browser is in the same process, so a push
that it could not read is refused, and no fault of ours goes unnoticed.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from jwt.types import Options

from notifications.transports.subscriptions import decoded
from notifications.transports.vapid import encoded, point
from notifications.transports.web_encryption import LAST_RECORD, keys

KEPT = 20_000
BODY_BYTES = 4096
LONGEST_TTL = 28 * 86_400
LONGEST_TOKEN = 86_400
CREDENTIAL = re.compile(r"vapid t=(?P<token>[\w.-]+), ?k=(?P<key>[\w-]+)", re.ASCII)
TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
URGENCIES = frozenset({"very-low", "low", "normal", "high"})
CONTACT = re.compile(r"(mailto:|https://|http://127\.0\.0\.1).+")


class Refusal(Exception):
    """The request is answered with `status`, and nothing is delivered."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True)
class Browser:
    """One subscription. `server_key`: the public key that it was made for, or empty for any."""

    server_key: str
    private: EllipticCurvePrivateKey = field(
        default_factory=lambda: generate_private_key(SECP256R1())
    )
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    def keys(self) -> dict[str, str]:
        return {
            "p256dh": encoded(point(self.private.public_key())),
            "auth": encoded(self.secret),
        }

    def read(self, body: bytes) -> str:
        """The notification in a request's body. Raises Refusal."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), int.from_bytes(body[20:21])
        sender, record = body[21 : 21 + length], body[21 + length :]
        try:
            theirs = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), sender)
            key, nonce = keys(
                self.private.exchange(ECDH(), theirs),
                secret=self.secret,
                salt=salt,
                browser=point(self.private.public_key()),
                sender=sender,
            )
            plain = AESGCM(key).decrypt(nonce, record, None)
            text, _, padding = plain.rpartition(LAST_RECORD)
            notification = json.loads(text)["notification"]
        except (ValueError, KeyError, TypeError, InvalidTag):
            raise Refusal(400, "The browser cannot read this.") from None
        if padding.strip(b"\0") or len(record) > size:
            raise Refusal(400, "This is not one whole record.")
        if not notification.get("title"):
            raise Refusal(400, "The browser would show nothing.")
        return text.decode()


class Browsers:
    """The newest subscriptions, by their random names. `origin`: of this push service."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._known: dict[str, Browser] = {}
        self._gone: dict[str, None] = {}

    def subscribe(self, server_key: str) -> dict[str, Any]:
        """A new subscription, as `PushSubscription.toJSON()` in a browser."""
        name = f"web-{secrets.token_urlsafe(32)}"
        self._known[name] = Browser(server_key)
        _forget_oldest(self._known)
        return {
            "endpoint": f"{self._origin}/webpush/{name}",
            "expirationTime": None,
            "keys": self._known[name].keys(),
        }

    def unsubscribe(self, name: str) -> None:
        if self._known.pop(name, None):
            self._gone[name] = None
            _forget_oldest(self._gone)

    def receive(self, name: str, headers: Mapping[str, str], body: bytes) -> str:
        """The notification that this browser shows. Raises Refusal."""
        browser = self._known.get(name)
        if browser is None:
            raise Refusal(410 if name in self._gone else 404, "There is no such subscription.")
        self._check_sender(browser, headers.get("Authorization", ""))
        _check_headers(headers)
        if len(body) > BODY_BYTES:
            raise Refusal(413, "At most 4,096 bytes.")
        return browser.read(body)

    def _check_sender(self, browser: Browser, credential: str) -> None:
        match = CREDENTIAL.fullmatch(credential)
        if match is None:
            raise Refusal(401, "A VAPID credential is expected.")
        if browser.server_key not in {"", match["key"]}:
            raise Refusal(403, "The subscription was made for another key.")
        try:
            public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), decoded(match["key"]))
            required: Options = {"require": ["aud", "exp", "sub"]}
            claims = jwt.decode(
                match["token"],
                public,
                algorithms=["ES256"],
                audience=self._origin,
                options=required,
            )
        except (ValueError, jwt.PyJWTError):
            raise Refusal(403, "The token is not valid here and now.") from None
        if claims["exp"] > time.time() + LONGEST_TOKEN or not CONTACT.fullmatch(claims["sub"]):
            raise Refusal(403, "The token is valid for too long, or names no contact.")


def _check_headers(headers: Mapping[str, str]) -> None:
    ttl = headers.get("TTL", "")
    if not re.fullmatch(r"[0-9]{1,9}", ttl) or int(ttl) > LONGEST_TTL:
        raise Refusal(400, "TTL: seconds, at most 28 days.")
    if headers.get("Content-Encoding") != "aes128gcm":
        raise Refusal(400, "Content-Encoding: aes128gcm.")
    if headers.get("Urgency", "normal") not in URGENCIES:
        raise Refusal(400, "Urgency: very-low, low, normal or high.")
    if not TOPIC.fullmatch(headers.get("Topic", "none")):
        raise Refusal(400, "Topic: at most 32 characters of base64url.")


def _forget_oldest(known: dict[str, Any]) -> None:
    if len(known) > KEPT:
        del known[next(iter(known))]
