"""Google's token endpoint, for one service account that is created at start-up."""

from __future__ import annotations

import secrets
import time
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import exceptions, jwt

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPES = frozenset(
    f"https://www.googleapis.com/auth/{name}" for name in ("cloud-platform", "firebase.messaging")
)
LIFETIME = 3600
# Google's library always signs for this audience, wherever it sends the assertion.
AUDIENCE = "https://oauth2.googleapis.com/token"
PROJECT = "handrail-local"
ACCOUNT = f"push@{PROJECT}.iam.gserviceaccount.com"


class Refusal(Exception):
    """The assertion is invalid."""


class Authority:
    """Checks signed assertions, issues bearer tokens and recognises them."""

    def __init__(self, token_uri: str) -> None:
        self._token_uri = token_uri
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._public = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self._valid_until: dict[str, float] = {}
        self.refusing = False
        self.requests = 0

    def credentials(self) -> dict[str, Any]:
        """The content of a service account's key file."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "local",
            "private_key": pem.decode(),
            "client_email": ACCOUNT,
            "client_id": "1",
            "token_uri": self._token_uri,
        }

    def issue(self, grant: str, assertion: str) -> dict[str, Any]:
        """Raises Refusal if signature, time, audience, issuer or scope are wrong."""
        self.requests += 1
        if grant != GRANT or self.refusing:
            raise Refusal
        self._check(assertion)
        token = "ya29." + secrets.token_urlsafe(32)
        self._valid_until[token] = time.time() + LIFETIME
        return {"access_token": token, "expires_in": LIFETIME, "token_type": "Bearer"}

    def knows(self, authorization: str) -> bool:
        """Whether the header has a token of ours that has not expired."""
        scheme, _, token = authorization.partition(" ")
        return scheme == "Bearer" and self._valid_until.get(token, 0) > time.time()

    def revoke(self) -> None:
        """Revoke every token issued so far."""
        self._valid_until.clear()

    def _check(self, assertion: str) -> None:
        try:
            claims = jwt.decode(assertion, certs=self._public, audience=AUDIENCE)
        except (ValueError, exceptions.GoogleAuthError):
            raise Refusal from None
        if claims.get("iss") != ACCOUNT or not SCOPES & set(str(claims.get("scope")).split()):
            raise Refusal
