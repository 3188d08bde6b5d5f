"""The reference phone without a network: its own store, outbox and frames, and the test carries
its requests to the server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from uuid_utils.compat import uuid7

from clients.phone.answers import Answers
from clients.phone.cache import Document
from clients.phone.frames import Frames
from clients.phone.keystore import Keystore
from clients.phone.outbox import Mutation
from clients.phone.store import Store
from foundation.fields import parsed
from recovery.api.sync.clients import Registration, register
from recovery.api.sync.mutations import PushRequest
from recovery.api.sync.pull import pull
from recovery.api.sync.push import push
from recovery.api.sync.wire import pull_request
from recovery.signin.models import User

INSTALL = Registration("a phone", "android", "1.0.0", schema=1)


class ReferencePhone:
    """A registered phone of `user` that reads `page` entries at a time. It is empty until it pulls,
    which it does at once with `pulled`."""

    def __init__(
        self, user: User, *, schema: int = 1, page: int = 500, pulled: bool = False
    ) -> None:
        self.user, self.schema, self.page = user, schema, page
        self.answers = Answers(Store(None, Keystore(None)))
        self.pull_conditions: list[Callable[[], bool]] = []
        self.alarms: list[Callable[[], None]] = []
        self.frames = Frames(
            self.answers,
            is_pulling=lambda: False,
            ask_pull=self.pull_conditions.append,
            later=lambda _, call: self.alarms.append(call),
        )
        self.register()
        if pulled:
            self.pull()

    def register(self) -> None:
        """A second time, as a copy from a backup does: the outbox is renumbered."""
        install = INSTALL._replace(schema=self.schema)
        self.answers.take_registration(register(self.user, install, timezone.now()))

    def pull_page(self) -> dict[str, Any]:
        """Pull one page and apply it. Returns the server's answer."""
        request, now = self.answers.request(), timezone.now()
        client = {"client_id": request.client_id, "schema": self.schema}
        body = client | {"limit": self.page, "cursor": request.cursor}
        answer: dict[str, Any] = json.loads(pull(self.user, pull_request(body), now))
        assert self.answers.take_pull(request, answer, now)
        return answer

    def pull(self) -> list[str]:
        """Pull until nothing is left. Returns the resets on the way, each as "scope reset"."""
        self.pull_conditions.clear()
        resets: list[str] = []
        more = True
        while more:
            answer = self.pull_page()
            resets += [f"{s['scope']} {s['reset']}" for s in answer["scopes"] if s["reset"]]
            more = answer["has_more"]
        return resets

    def do(self, action: str, args: dict[str, Any], *looking_at: Document) -> str:
        """Queue a mutation. Its base is the documents that the user was looking at."""
        base = {f"{seen.kind}/{seen.id}": seen.seq for seen in looking_at}
        when, uuid = timezone.now().isoformat(), str(uuid7())
        self.answers.queue(
            Mutation(uuid, "main", None, "pending", action, 1, args, base, when, None, None)
        )
        return uuid

    def push(self, *, lose_answer: bool = False) -> list[dict[str, Any]]:
        """Push the queue. Returns the results even if the phone does not receive them."""
        request, now = self.answers.request(), timezone.now()
        queue = [mutation.wire(0) for mutation in self.answers.outbox.pending("main")]
        body = {"client_id": request.client_id, "mutations": queue}
        answer = json.loads(json.dumps(push(self.user, parsed(PushRequest, body), now)))
        if not lose_answer:
            assert self.answers.take_push(request, "main", answer, now)
        results: list[dict[str, Any]] = answer["results"]
        return results

    def receive(self, frame: dict[str, Any]) -> None:
        """Handle a frame as clients/phone/live.py does."""
        match frame["t"]:
            case "hello":
                self.frames.opened(frame["epoch"])
            case "c":
                self.frames.changed(frame)
            case "h":
                self.frames.heads(frame["heads"])
            case _:
                self.pull_conditions.append(lambda: True)

    def wants_pull(self) -> bool:
        """Whether any frame so far calls for a pull. Delayed pokes count at once."""
        alarms, self.alarms = self.alarms, []
        for alarm in alarms:
            alarm()
        return any(needed() for needed in self.pull_conditions)

    def contents(self) -> dict[str, Any]:
        """Everything that the phone has from the feed: each scope's position and documents."""
        cache = self.answers.cache
        scopes: dict[str, Any] = {name: {"at": cache.read_to(name)} for name in cache.scopes()}
        for document in cache.read():
            key = f"{document.kind}/{document.id}"
            scopes[document.scope][key] = (document.seq, document.body)
        return scopes

    def seqs(self, scope: str, kind: str | None = None) -> dict[str, int | None]:
        """The seq of each document of a scope, by id."""
        return {d.id: d.seq for d in self.answers.cache.read(kind, scope)}

    def messages(self, group: object) -> list[str]:
        """The texts of a group's messages."""
        return [d["text"] for d in self.answers.cache.read("message", f"group:{group}")]
