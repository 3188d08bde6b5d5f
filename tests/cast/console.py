"""A browser at the console, whose requests go to the real views."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.console.cookies import SESSION
from recovery.signin.models import User
from tests.cast.people import sign_in

HOST = "console.localhost"


class ConsoleBrowser:
    """Signed in now, by the wall clock, unless `now` says otherwise."""

    def __init__(self, user: User, **session: Any) -> None:
        self.user = user
        self.tokens = sign_in(user, **{"now": timezone.now(), "platform": "web"} | session)
        self.http = Client(raise_request_exception=False, headers={"Host": HOST})
        self.http.cookies[SESSION] = self.tokens["access_token"]

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.http.get(path, headers={"Host": HOST} | headers)

    def do(self, path: str, act: str, key: Any = None, **fields: Any) -> HttpResponse:
        """Send the form of one act of the page at `path`, under a fresh key unless one is given."""
        sent = {"do": act, "key": str(key or uuid7())} | fields
        return self.http.post(path, sent, headers={"Host": HOST})

    def reads(self, path: str) -> str:
        """The page, which must be there."""
        response = self.get(path)
        assert response.status_code == 200, response.content
        return str(response.content.decode())
