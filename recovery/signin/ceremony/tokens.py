"""Connects allauth's ceremony with our device sessions."""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.headless.tokens.strategies.base import AbstractTokenStrategy
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from django.utils.crypto import salted_hmac

from recovery.limits.consume import consume, give_back
from recovery.limits.limit import Use
from recovery.signin import allowances, sessions
from recovery.signin.authentication import by_access_token
from recovery.signin.ceremony.store import BearerStore, SessionStore
from recovery.signin.models import User
from recovery.signin.tokens import ACCESS, bearer_token

SALT = "recovery.people.ceremony"
# From allauth's types of authenticators to our `methods`.
BY_TYPE = {"webauthn": "passkey", "totp": "totp", "recovery_codes": "recovery_code"}


class DeviceTokens(AbstractTokenStrategy):
    """A ceremony has its own token in `X-Session-Token`. Signed-in users send the bearer token."""

    def get_session_token(self, request: Any) -> str | None:
        """The ceremony's token or, without one, the access token."""
        bearer = bearer_token(request.headers.get("Authorization", ""))
        return request.headers.get("X-Session-Token") or bearer

    def create_session_token(self, request: Any) -> str:
        if counted := getattr(request, "counted", None):
            request.session["counted"] = [key.hex() for key in counted]
        request.session.save()
        # allauth sends a token only if it differs from the request's. Signed-in users, and those
        # who have just finished the ceremony, must not get one.
        if request.user.is_authenticated:
            return self.get_session_token(request) or ""
        return str(request.session.session_key)

    def lookup_session(self, session_token: str) -> SessionStore | None:
        """The ceremony with this token, or the state of a signed-in user. Raises our Problems."""
        if not session_token.startswith(ACCESS):
            ceremony = SessionStore(session_token)
            ceremony.keys()  # loads the row; without one, the key becomes None
            if ceremony.session_key is None:
                return None
            _count(session_token)
            return ceremony
        user = by_access_token(session_token, timezone.now(), second_factor=False)
        _count(session_token)
        key = salted_hmac(SALT, user.session_id.hex, algorithm="sha256").hexdigest()
        store = BearerStore(key[:32])
        # What Django's own login leaves in a session.
        store[SESSION_KEY] = str(user.id)
        store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        store[HASH_SESSION_KEY] = User.objects.get(id=user.id).get_session_auth_hash()
        store.signed_in = user
        return store

    def create_access_token_payload(self, request: Any) -> dict[str, Any] | None:
        """The user has proved their identity: start the device session.

        allauth calls this for every response that it prepares and sends the last one, so the
        tokens are kept on the request. `entry` then deletes the ceremony.
        """
        if not hasattr(request, "new_tokens"):
            user: User = request.user
            records = get_authentication_records(request, user)
            request.new_tokens = sessions.start(
                user,
                methods=[BY_TYPE.get(record.get("type", ""), "email_code") for record in records],
                now=timezone.now(),
                **request.installed_app,
            )
            request.finished = request.session
            # A person who signs in has not used up anything.
            counted = request.session.get("counted", [])
            give_back((bytes.fromhex(key) for key in counted), now=timezone.now())
        return dict(request.new_tokens)


def _count(token: str) -> None:
    """Raises SlowDown."""
    use = Use(allowances.PROOF_CEREMONY, hashlib.sha256(token.encode()).hexdigest())
    consume(use, now=timezone.now())
