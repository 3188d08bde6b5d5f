"""A signed-in HTTP client that speaks JSON: what a phone or a browser would send."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.actions import Call, perform
from recovery.signin.models import User
from recovery.signin.tokens import sha256
from tests.factories.people import sign_in


class Caller:
    """One signed-in install. `client_id` once registered for sync."""

    def __init__(self, user: User, **device: Any) -> None:
        self.user = user
        self.tokens = sign_in(user, now=device.pop("now", None), **device)
        self.http = Client(raise_request_exception=False)
        self.client_id = ""

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        given = {"Authorization": f"Bearer {self.tokens['access_token']}"} | headers
        text = body if isinstance(body, (str, bytes)) else json.dumps(body or {})
        return self.http.post(path, text, content_type="application/json", headers=given)

    def do(self, action: str, data: Any, key: Any = None) -> HttpResponse:
        name = {"Idempotency-Key": str(key or uuid7())}
        return self.post(f"/api/v1/actions/{action}", data, **name)

    def register(self) -> dict[str, Any]:
        body = {"install": "secret of this install", "platform": "android", "app": "1.0"}
        told = answer(self.post("/api/v1/sync/clients", body | {"schema": 1}))
        self.client_id = told["client_id"]
        return told

    def pull(self, cursor: Any = None, **more: Any) -> dict[str, Any]:
        asked = {"client_id": self.client_id, "schema": 1, "cursor": cursor or {}}
        return answer(self.post("/api/v1/sync/pull", asked | more))

    def push(self, *mutations: dict[str, Any], **more: Any) -> HttpResponse:
        asked = {"client_id": self.client_id, "schema": 1, "mutations": list(mutations)}
        return self.post("/api/v1/sync/push", asked | more)


def brought_into(state: str, phone: Caller) -> tuple[bytes, datetime]:
    """The hash of the phone's token, and a moment at which its session is found in `state`."""
    now = timezone.now()
    if state in ("ended", "wipe"):
        session = phone.tokens["session"]
        wish = {"session": session, "wipe": state == "wipe"}
        call = Call(phone.user, now, session_id=uuid.UUID(session))
        perform("people.revoke_session", data=wish, call=call)
    late = now + timedelta(minutes=16) if state == "expired" else now
    return sha256(phone.tokens["access_token"]), late


def columns(cursor: Any) -> list[str]:
    return [column.name for column in cursor.description]


def mutation(number: int, action: str, args: Any, **more: Any) -> dict[str, Any]:
    return {"id": number, "uuid": str(uuid7()), "action": action, "v": 1, "args": args} | more


def answer(response: HttpResponse, status: int = 200) -> dict[str, Any]:
    """The JSON of a response that must have `status`."""
    assert response.status_code == status, response.content
    body: dict[str, Any] = json.loads(response.content)
    return body


def cursor_after(pulled: dict[str, Any]) -> dict[str, Any]:
    """The cursor of a phone that has taken a first pull whole."""
    positions = {scope["scope"]: scope["pos"] for scope in pulled["scopes"]}
    return {"epoch": pulled["epoch"], "scopes": positions}
