"""An app that performs the sign-in ceremony over HTTP."""

from __future__ import annotations

import json
import secrets
import uuid
from typing import Any

from django.db import connection, transaction
from django.test import Client

from foundation.sealing import unseal
from notifications.models import Letter
from notifications.queue import letter_aad
from recovery.feed.context import set_actor

DEVICE = {"platform": "android", "app": "1.0.0", "name": "Ana's phone"}


class App:
    """One installed app with its ceremony token and, once signed in, its bearer token."""

    def __init__(self, tokens: dict[str, str] | None = None) -> None:
        self.http = Client()
        self.install = secrets.token_urlsafe(24)
        self.ceremony = ""
        self.tokens = tokens or {}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        if connection.in_atomic_block:
            set_actor(None)  # a test's transaction holds many requests, and each begins with nobody
        headers = {"X-Session-Token": self.ceremony} if self.ceremony else {}
        if self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens['access_token']}"
        answer = self.http.generic(
            method,
            f"/auth/app/v1/{path}",
            b"" if body is None else json.dumps(body),
            content_type="application/json",
            headers=headers,
        )
        self._remember(answer)
        return answer

    def _remember(self, answer: Any) -> None:
        meta = answer.json().get("meta", {}) if answer.content else {}
        self.ceremony = meta.get("session_token", self.ceremony)
        if "access_token" in meta:
            self.tokens, self.ceremony = meta, ""

    def post(self, path: str, **body: Any) -> Any:
        return self.ask("POST", path, body)

    def finish(self, path: str, **body: Any) -> Any:
        """A request that may start a session, so it describes the app."""
        return self.post(path, install=self.install, device=DEVICE, **body)

    def enrol(self, code: str, born: Any = None, **more: Any) -> Any:
        body = {"code": code, "date_of_birth": born and str(born), "install": self.install}
        answer = self.http.post(
            "/api/v1/enrolment", body | {"device": DEVICE} | more, content_type="application/json"
        )
        if answer.status_code == 201:
            self.tokens = answer.json()
        return answer

    def do(self, action: str, **data: Any) -> Any:
        """An action's URL, under a fresh idempotency key."""
        headers = {
            "Authorization": f"Bearer {self.tokens['access_token']}",
            "Idempotency-Key": str(uuid.uuid4()),
        }
        body = json.dumps(data, default=str)
        return self.http.post(
            f"/api/v1/actions/{action}", body, "application/json", headers=headers
        )

    def api(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        return self.http.get(f"/api/v1/{path}", headers=headers)


def mailed_code(user_id: uuid.UUID) -> str:
    """The code in the last letter to this person."""
    return str(letters(user_id)[-1][2]["code"])


def letters(scope_id: uuid.UUID, reader: uuid.UUID | None = None) -> list[tuple[str, str, Any]]:
    """Type, address and context of what waits to be sent in a scope, oldest first."""
    with transaction.atomic():
        set_actor(reader or scope_id)
        waiting = Letter.objects.filter(scope_id=scope_id, state="planned").order_by("due", "id")
        rows = [(row.type, letter_aad(row.id, scope_id), bytes(row.sealed)) for row in waiting]
    opened = [(type_, json.loads(unseal(aad, sealed))) for type_, aad, sealed in rows]
    return [(type_, content["address"], content["context"]) for type_, content in opened]
