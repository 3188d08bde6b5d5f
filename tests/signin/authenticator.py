"""An authenticator app and a passkey, both in software."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import struct
import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def totp(secret: str, *, steps: int = 0) -> str:
    """The six digits that an authenticator app shows now (RFC 6238)."""
    # They must still be right when the request arrives.
    if time.time() % 30 > 27:
        time.sleep(3)
    counter = int(time.time()) // 30 + steps
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">Q", counter), "sha1")
    start = mac[-1] & 15
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


class Passkey:
    """A platform authenticator with one discoverable credential."""

    def __init__(self, origin: str = "http://127.0.0.1:8000") -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.user = b""

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create` returns."""
        public_key = options["publicKey"]
        self.user = decoded(public_key["user"]["id"])
        client = self._client("webauthn.create", public_key["challenge"])
        numbers = self.key.public_key().public_numbers()
        cose = {
            1: 2,
            3: -7,
            -1: 1,
            -2: numbers.x.to_bytes(32, "big"),
            -3: numbers.y.to_bytes(32, "big"),
        }
        credential = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor.encode(cose)
        data = self._data(public_key["rp"]["id"], ATTESTED) + credential
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        response = {"clientDataJSON": encoded(client), "attestationObject": encoded(attestation)}
        return self._credential(response) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.get` returns."""
        public_key = options["publicKey"]
        client = self._client("webauthn.get", public_key["challenge"])
        data = self._data(public_key["rpId"], 0)
        signed = data + hashlib.sha256(client).digest()
        response = {
            "clientDataJSON": encoded(client),
            "authenticatorData": encoded(data),
            "signature": encoded(self.key.sign(signed, ec.ECDSA(SHA256()))),
            "userHandle": encoded(self.user),
        }
        return self._credential(response)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, site: str, more: int) -> bytes:
        flags = PRESENT | VERIFIED | more
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + bytes(4)

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        name = encoded(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
