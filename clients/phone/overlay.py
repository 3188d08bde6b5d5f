"""Shows pending actions on this phone before the server has confirmed them."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from clients.phone.cache import Cache, Document
from clients.phone.outbox import Mutation, Outbox
from clients.phone.store import Store

Projection = Callable[[dict[str, Any]], tuple[str, str, str, dict[str, Any]]]
"""Takes the arguments of an action and returns (scope, kind, id, fields). The fields override those
of the document with that id, if any. An action without a projection shows in the outbox only."""


class Overlay:
    def __init__(self, store: Store, cache: Cache, outbox: Outbox) -> None:
        self.store = store
        self.cache = cache
        self.outbox = outbox
        self.projections: Mapping[str, Projection] = {}

    def reapply(self) -> None:
        """Rebuild the overlay from all pending actions, in their order."""
        self.store.run("DELETE FROM overlay")
        for mutation in self.outbox.pending():
            self.apply(mutation)

    def apply(self, mutation: Mutation) -> None:
        projection = self.projections.get(mutation.action)
        if projection:
            scope, kind, key, fields = projection(mutation.args)
            # An earlier pending action on the same document comes before the confirmed one.
            row = self.store.one(
                "SELECT * FROM overlay WHERE scope = ? AND kind = ? AND id = ?", scope, kind, key
            )
            below = self._document(row) if row else self.cache.find(scope, kind, key)
            body = {**(below.body if below else {}), **fields}
            self.store.run(
                "REPLACE INTO overlay (scope, kind, id, uuid, body) VALUES (?, ?, ?, ?, ?)",
                scope, kind, key, mutation.uuid,
                self.store.seal(body, "overlay", scope, kind, key),
            )  # fmt: skip

    def read(self, kind: str | None = None, scope: str | None = None) -> list[Document]:
        """Confirmed documents with pending changes applied; pending new ones come last."""
        rows = self.store.all(
            "SELECT * FROM overlay WHERE kind = coalesce(?, kind) AND scope = coalesce(?, scope)"
            " ORDER BY rowid",
            kind, scope,
        )  # fmt: skip
        overlays = {(d.scope, d.kind, d.id): d for d in map(self._document, rows)}
        documents = []
        for confirmed in self.cache.read(kind, scope):
            pending = overlays.pop((confirmed.scope, confirmed.kind, confirmed.id), None)
            shown = dataclasses.replace(pending, seq=confirmed.seq) if pending else confirmed
            documents.append(shown)
        return [*documents, *overlays.values()]

    def _document(self, row: Any) -> Document:
        key = (row["scope"], row["kind"], row["id"])
        body = self.store.open(row["body"], "overlay", *key)
        return Document(*key, seq=None, body=body, pending=True)
