"""A phone without a network: the client's own half of the protocol, over the server's answers."""

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
from recovery.api.sync.clients import register
from recovery.api.sync.pull import pull
from recovery.api.sync.wire import pull_request
from recovery.conversations.models import ReadMarker
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.flush import flush
from recovery.feed.models import FeedEntry

INSTALL = {"install": "x", "platform": "android", "app": "1.0.0", "schema": 1}


class Reader:
    def __init__(self, user: Any, schema: int = 1) -> None:
        self.user, self.schema = user, schema
        self.answers = Answers(Store(None, Keystore(None)))
        told = register(user, INSTALL | {"schema": schema}, timezone.now())
        self.answers.take_registration(told)

    def page(self, limit: int = 500) -> dict[str, Any]:
        """One pull, taken; what the server answered."""
        asked = self.answers.request()
        who = {"client_id": asked.client_id, "schema": self.schema}
        body = who | {"limit": limit, "cursor": asked.cursor}
        now = timezone.now()
        told: dict[str, Any] = json.loads(pull(self.user.id, pull_request(body), now))
        assert self.answers.take_pull(asked, told, now)
        return told

    def read(self, limit: int = 500) -> list[str]:
        """To the end; the resets on the way, as `scope reset`."""
        resets: list[str] = []
        more = True
        while more:
            told = self.page(limit)
            resets += [f"{s['scope']} {s['reset']}" for s in told["scopes"] if s["reset"]]
            more = told["has_more"]
        return resets

    def holds(self, scope: str, kind: str | None = None) -> dict[str, int | None]:
        """Ids of the documents with their numbers."""
        return {d.id: d.seq for d in self.answers.cache.read(kind, scope)}


def change(
    user: Any, *, put: Iterable[uuid.UUID] = (), gone: Iterable[uuid.UUID] = (), at: datetime
) -> None:
    """Documents come and go in a person's own scope, as in the flush of an action."""
    with transaction.atomic(), collecting() as collection:
        set_actor(user.id)
        for id_ in put:
            row = ReadMarker(id=id_, scope_id=user.id, read_scope_id=user.id, seq=1)
            collection.rows[(user.id, "read_marker", id_)] = row
        for id_ in gone:
            collection.rows[(user.id, "read_marker", id_)] = None
        flush(collection, author_id=user.id, now=at, origin=[])


def live(user: Any) -> dict[str, int]:
    """What the person's own scope holds on the server."""
    with transaction.atomic():
        set_actor(user.id)
        entries = FeedEntry.objects.filter(scope_id=user.id, deleted=False)
        return {str(entry.object_id): entry.seq for entry in entries}
