"""A user who sends and reads files over HTTP."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.blobs.rules import PIECE
from recovery.signin.models import User
from tests.cast import FakePhone, answer


class Sender(FakePhone):
    """One phone of one person, in one scope."""

    def __init__(self, user: User, scope: str) -> None:
        super().__init__(user, now=timezone.now(), methods=["passkey"])
        self.scope = scope

    def declare(self, data: bytes, **changes: Any) -> HttpResponse:
        body = {"scope": self.scope, "sha256": sha256(data), "size": len(data)}
        return self.post("/api/v1/blobs", body | changes)

    def piece(self, upload: str, offset: int, data: bytes) -> HttpResponse:
        return self.http.post(
            "/api/v1/blobs/pieces",
            data,
            content_type="application/octet-stream",
            headers=self.bearer | {"Upload-Id": upload, "Upload-Offset": str(offset)},
        )

    def send(self, data: bytes) -> HttpResponse:
        """Declare the file and send the missing pieces. Returns the response to the last piece."""
        upload = answer(self.declare(data))
        response = self.declare(data)
        for offset in range(upload["offset"], len(data), PIECE):
            if not upload["complete"]:
                response = self.piece(upload["upload"], offset, data[offset : offset + PIECE])
        return response

    def read(self, data: bytes, **headers: str) -> HttpResponse:
        body = {"scope": self.scope, "sha256": sha256(data)}
        return self.post("/api/v1/blobs/read", body, **headers)

    def say(self, *files: bytes, text: str = "look", **more: Any) -> HttpResponse:
        kind, _, place = self.scope.partition(":")
        name = {"group": "groups.post_message", "pair": "alumni.post_message"}[kind]
        hashes = {"attachments": [sha256(data) for data in files]} if files else {}
        fields = {"id": str(uuid7()), kind: place, "text": text} | hashes | more
        return self.do(name, fields)


def posted(response: HttpResponse) -> uuid.UUID:
    """The id of the posted message."""
    return uuid.UUID(answer(response)["data"]["message"])


def code(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, json.loads(response.content)["code"]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
