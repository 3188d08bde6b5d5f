"""A phone on the live socket, and changes to its scopes."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Container
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from recovery.feed import scopes
from recovery.feed.collect import collecting, current
from recovery.feed.flush import flush
from recovery.signin.models import User
from tests.cast import FakePhone, answer, make_user
from tests.live.description import TO_PHONE
from tests.roles import set_scene

PROTOCOL = "recovery.sync.v1"
PATIENCE = 15.0


class LivePhone(FakePhone):
    """A registered phone that can open its socket."""

    def __init__(self, user: User | None = None, **device: Any) -> None:
        super().__init__(user or make_user(), now=timezone.now(), **device)
        self.register()

    def open_socket(self, url: str, **options: Any) -> ClientConnection:
        """Open the socket without a hello."""
        defaults: dict[str, Any] = {
            "additional_headers": self.bearer,
            "subprotocols": [PROTOCOL],
            "compression": None,
            "legacy": True,
        }
        return connect(url, **defaults | options)

    def hello(self, **more: Any) -> str:
        return json.dumps({"t": "hello", "client_id": self.client_id} | more)

    def listen(self, url: str, **options: Any) -> ClientConnection:
        """Open the socket and exchange hellos. The server's hello is kept as `heads`."""
        line = self.open_socket(url, **options)
        line.send(self.hello())
        self.server_hello = receive(line, "hello")
        return line

    def sign_out(self, session: str, **more: Any) -> None:
        """End a session of the same person from this phone."""
        answer(self.do("people.revoke_session", {"session": session} | more))

    @property
    def heads(self) -> dict[str, int]:
        heads: dict[str, int] = self.server_hello["heads"]
        return heads


def receive(
    line: ClientConnection, kind: str, *, before: Container[str] = ("h",)
) -> dict[str, Any]:
    """The next message of this kind. Only heartbeats, or those of `before`, may come first."""
    deadline = time.monotonic() + PATIENCE
    while True:
        message = _described(line.recv(timeout=deadline - time.monotonic()))
        if message["t"] == kind:
            return message
        assert message["t"] in before, message


def receive_until(line: ClientConnection, kind: str, **fields: Any) -> list[dict[str, Any]]:
    """All messages up to and including the first of this kind with these fields."""
    messages: list[dict[str, Any]] = []
    deadline = time.monotonic() + PATIENCE
    expected = {"t": kind} | fields
    while not messages or not expected.items() <= messages[-1].items():
        messages.append(_described(line.recv(timeout=deadline - time.monotonic())))
    return messages


def _described(text: str | bytes) -> dict[str, Any]:
    """The parsed message, validated against docs/asyncapi.yaml."""
    message: dict[str, Any] = json.loads(text)
    TO_PHONE[message["t"]].validate(message)
    return message


def closed_with(line: ClientConnection) -> int:
    """The server's close code, whatever it sends before."""
    deadline = time.monotonic() + PATIENCE
    with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012
        while True:
            line.recv(timeout=deadline - time.monotonic())
    return closed.value.rcvd.code if closed.value.rcvd else 0


def change(scope: uuid.UUID, author: User, *, origin: Any = (), objects: int = 1) -> None:
    """Commit `objects` tombstones in this scope and announce them."""
    with transaction.atomic(), collecting() as collection, set_scene():
        for _ in range(objects):
            current().rows[(scope, "group_message", uuid7())] = None
        flush(collection, author_id=author.id, now=timezone.now(), origin=list(origin))


def change_members(actor: User, *, quietly: bool = False, **change: tuple[Any, ...]) -> None:
    """`grant=(scope, user, role)`, `revoke=(scope, user)`. `quietly` drops all announcements."""
    with transaction.atomic(), collecting() as collection, set_scene():
        for verb, arguments in change.items():
            getattr(scopes, verb)(*arguments)
        flush(collection, author_id=actor.id, now=timezone.now(), origin=[])
        if quietly:
            transaction.get_connection().run_on_commit.clear()
