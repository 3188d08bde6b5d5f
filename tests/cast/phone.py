"""A fake phone: one signed-in install that speaks JSON to the real views."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.signin.models import User
from tests.cast.people import sign_in


class FakePhone:
    """Signed in now, by the wall clock, unless `now` says otherwise.

    `registered`: for sync too. Further options describe the device session, see `sign_in`.
    A path without a leading slash is below /api/v1/. `signed_in=False` sends no bearer token.
    """

    def __init__(self, user: User, *, registered: bool = False, **session: Any) -> None:
        self.user = user
        self.tokens = sign_in(user, **{"now": timezone.now()} | session)
        self.http = Client(raise_request_exception=False)
        self.client_id = ""
        if registered:
            self.register()

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}

    def get(self, path: str, *, signed_in: bool = True, **headers: str) -> HttpResponse:
        bearer = self.bearer if signed_in else {}
        return self.http.get(_url(path), headers=bearer | headers)

    def post(
        self, path: str, body: Any = None, *, signed_in: bool = True, **headers: str
    ) -> HttpResponse:
        """`body`: JSON, or text and bytes to send as they are."""
        text = body if isinstance(body, (str, bytes)) else json.dumps(body or {})
        bearer = self.bearer if signed_in else {}
        return self.http.post(
            _url(path), text, content_type="application/json", headers=bearer | headers
        )

    def refresh(self) -> HttpResponse:
        """New tokens; the phone goes on with its old ones."""
        body = {"refresh_token": self.tokens["refresh_token"]}
        return self.post("sessions/refresh", body, signed_in=False)

    def do(self, action: str, data: Any, key: Any = None) -> HttpResponse:
        """An action's URL, under a fresh idempotency key unless one is given."""
        return self.post(f"actions/{action}", data, **{"Idempotency-Key": str(key or uuid7())})

    def register(self) -> dict[str, Any]:
        body = {"install": "secret of this install", "platform": "android", "app": "1.0"}
        registration = answer(self.post("sync/clients", body | {"schema": 1}))
        self.client_id = registration["client_id"]
        return registration

    def first_pull(self) -> dict[str, dict[str, Any]]:
        """What a new phone receives, by the name of the scope."""
        return {scope["scope"]: scope for scope in self.pull()["scopes"]}

    def pull(self, cursor: Any = None, **more: Any) -> dict[str, Any]:
        body = {"client_id": self.client_id, "schema": 1, "cursor": cursor or {}}
        return answer(self.post("sync/pull", body | more))

    def push(self, *mutations: dict[str, Any], **more: Any) -> HttpResponse:
        body = {"client_id": self.client_id, "schema": 1, "mutations": list(mutations)}
        return self.post("sync/push", body | more)


def _url(path: str) -> str:
    return path if path.startswith("/") else f"/api/v1/{path}"


def mutation(number: int, action: str, args: Any, **more: Any) -> dict[str, Any]:
    return {"id": number, "uuid": str(uuid7()), "action": action, "v": 1, "args": args} | more


def answer(response: HttpResponse, status: int = 200) -> dict[str, Any]:
    """The JSON of a response that must have `status`."""
    assert response.status_code == status, response.content
    body: dict[str, Any] = json.loads(response.content)
    return body


def cursor_after(pulled: dict[str, Any]) -> dict[str, Any]:
    """The cursor of a phone that has taken a whole first pull."""
    positions = {scope["scope"]: scope["pos"] for scope in pulled["scopes"]}
    return {"epoch": pulled["epoch"], "scopes": positions}
