"""A phone without a network: the client's own protocol code, fed with the server's answers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from clients.phone.answers import Answers
from clients.phone.keystore import Keystore
from clients.phone.store import Store
from recovery.api.sync.clients import Registration, register
from recovery.api.sync.pull import pull
from recovery.api.sync.wire import pull_request
from recovery.conversations.models import ReadMarker
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.flush import flush
from recovery.feed.models import FeedEntry

INSTALL = Registration("x", "android", "1.0.0", schema=1)


class Reader:
    def __init__(self, user: Any, schema: int = 1) -> None:
        self.user, self.schema = user, schema
        self.answers = Answers(Store(None, Keystore(None)))
        registration = register(user, INSTALL._replace(schema=schema), timezone.now())
        self.answers.take_registration(registration)

    def page(self, limit: int = 500) -> dict[str, Any]:
        """Pull one page and apply it. Returns the server's answer."""
        request = self.answers.request()
        client = {"client_id": request.client_id, "schema": self.schema}
        body = client | {"limit": limit, "cursor": request.cursor}
        now = timezone.now()
        answer: dict[str, Any] = json.loads(pull(self.user.id, pull_request(body), now))
        assert self.answers.take_pull(request, answer, now)
        return answer

    def read(self, limit: int = 500) -> list[str]:
        """Pull until nothing is left. Returns the resets on the way, each as "scope reset"."""
        resets: list[str] = []
        more = True
        while more:
            page = self.page(limit)
            resets += [f"{s['scope']} {s['reset']}" for s in page["scopes"] if s["reset"]]
            more = page["has_more"]
        return resets

    def holds(self, scope: str, kind: str | None = None) -> dict[str, int | None]:
        """The seq of each document, by id."""
        return {d.id: d.seq for d in self.answers.cache.read(kind, scope)}


def change(
    user: Any, *, put: Iterable[uuid.UUID] = (), gone: Iterable[uuid.UUID] = (), at: datetime
) -> None:
    """Put and delete documents in the user's own scope, as the flush of an action does."""
    with transaction.atomic(), collecting() as collection:
        set_actor(user.id)
        for id_ in put:
            row = ReadMarker(id=id_, scope_id=user.id, read_scope_id=user.id, seq=1)
            collection.rows[(user.id, "read_marker", id_)] = row
        for id_ in gone:
            collection.rows[(user.id, "read_marker", id_)] = None
        flush(collection, author_id=user.id, now=at, origin=[])


def live(user: Any) -> dict[str, int]:
    """The seq of each live document in the user's own scope on the server, by id."""
    with transaction.atomic():
        set_actor(user.id)
        entries = FeedEntry.objects.filter(scope_id=user.id, deleted=False)
        return {str(entry.object_id): entry.seq for entry in entries}
