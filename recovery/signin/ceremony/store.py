"""Stores unfinished ceremonies encrypted, under the hash of their token.

Django's own session store uses the token itself as the key and stores the data in clear. Anyone
who can read its table could finish other people's sign-ins.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from typing import Any

from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import get_random_string

from foundation.resealing import Place
from foundation.sealing import AssociatedData, Unsealable, is_current, reseal, seal, unseal
from recovery.signin.models import NOBODY, User


class SessionStore(DatabaseStore):
    """A row is locked until the end of the request's transaction, so that a code that is sent
    twice at the same time is accepted once."""

    def load(self) -> dict[str, Any]:
        rows = Session.objects.select_for_update(no_key=True)
        row = rows.filter(session_key=self._row, expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row.session_data)

    def exists(self, session_key: str | None = None) -> bool:
        return Session.objects.filter(session_key=_hash(session_key)).exists()

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            Session.objects.filter(session_key=_hash(key)).delete()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        if self.session_key is None:
            self._session_key = get_random_string(32, VALID_KEY_CHARS)
        expires = self.get_expiry_date()
        return Session(session_key=self._row, session_data=self.encode(data), expire_date=expires)

    def encode(self, session_dict: dict[str, Any]) -> str:
        sealed = seal(self._aad, json.dumps(session_dict).encode())
        return base64.b64encode(sealed).decode()

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        try:
            return dict(json.loads(unseal(self._aad, base64.b64decode(session_data))))
        except Unsealable:
            return {}

    @property
    def _row(self) -> str:
        return _hash(self.session_key)

    @property
    def _aad(self) -> AssociatedData:
        return _aad_of(self._row)


class BearerStore(SessionStore):
    """State between two requests of a user who is already signed in, under a key derived from
    their session. `signed_in`: the user, from the bearer token of this request."""

    signed_in: User

    def load(self) -> dict[str, Any]:
        key, state = self.session_key, super().load()
        self._session_key = key
        return state

    def save(self, must_create: bool = False) -> None:
        row = self.create_model_instance(dict(self.items()))
        Session.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["session_key"],
            update_fields=["session_data", "expire_date"],
        )


def _aad_of(stored_key: str) -> AssociatedData:
    return AssociatedData("django_session", "session_data", uuid.uuid5(NOBODY, stored_key), NOBODY)


def _under_newest_key(row: Session) -> dict[str, str]:
    sealed = base64.b64decode(row.session_data)
    if is_current(sealed):
        return {}
    return {"session_data": base64.b64encode(reseal(_aad_of(row.session_key), sealed)).decode()}


SEALED = Place("unfinished sign-ins", Session.objects.all, _under_newest_key, key="session_key")


def _hash(session_key: str | None) -> str:
    # Django's column has 40 characters, which is room for 240 of the 256 bits.
    hashed = hashlib.sha256((session_key or "").encode()).digest()
    return base64.urlsafe_b64encode(hashed[:30]).decode()
