"""How a pending action shows on this phone before the server has seen it."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from clients.phone.cache import Cache, Document
from clients.phone.outbox import Mutation, Outbox
from clients.phone.store import Store

Projection = Callable[[dict[str, Any]], tuple[str, str, str, dict[str, Any]]]
"""Takes the arguments of an action, returns (scope, kind, id, fields). The fields are laid over
the document of that id if there is one. An action without a projection shows in the outbox only."""


class Overlay:
    def __init__(self, store: Store, cache: Cache, outbox: Outbox) -> None:
        self.store = store
        self.cache = cache
        self.outbox = outbox
        self.projections: Mapping[str, Projection] = {}

    def reapply(self) -> None:
        """Lay every pending action over what the server last said, in the order they were done."""
        self.store.run("DELETE FROM overlay")
        for mutation in self.outbox.pending():
            self.lay(mutation)

    def lay(self, mutation: Mutation) -> None:
        projection = self.projections.get(mutation.action)
        if projection:
            scope, kind, key, fields = projection(mutation.args)
            body = {**self._beneath(scope, kind, key), **fields}
            self.store.run(
                "REPLACE INTO overlay (scope, kind, id, uuid, body) VALUES (?, ?, ?, ?, ?)",
                scope, kind, key, mutation.uuid,
                self.store.seal(body, "overlay", scope, kind, key),
            )  # fmt: skip

    def _beneath(self, scope: str, kind: str, key: str) -> dict[str, Any]:
        found = self._find(scope, kind, key) or self.cache.find(scope, kind, key)
        return found.body if found else {}

    def _find(self, scope: str, kind: str, key: str) -> Document | None:
        row = self.store.one(
            "SELECT * FROM overlay WHERE scope = ? AND kind = ? AND id = ?", scope, kind, key
        )
        return self._document(row) if row else None

    def read(self, kind: str | None = None, scope: str | None = None) -> list[Document]:
        """Confirmed documents with what is pending laid over them; the new ones come last."""
        laid = {(d.scope, d.kind, d.id): d for d in self._laid(kind, scope)}
        confirmed = self.cache.read(kind, scope)
        return [_over(d, laid.pop((d.scope, d.kind, d.id), None)) for d in confirmed] + [
            *laid.values()
        ]

    def _laid(self, kind: str | None, scope: str | None) -> list[Document]:
        rows = self.store.all(
            "SELECT * FROM overlay WHERE kind = coalesce(?, kind) AND scope = coalesce(?, scope)"
            " ORDER BY rowid",
            kind, scope,
        )  # fmt: skip
        return [self._document(row) for row in rows]

    def _document(self, row: Any) -> Document:
        key = (row["scope"], row["kind"], row["id"])
        body = self.store.open(row["body"], "overlay", *key)
        return Document(*key, seq=None, body=body, pending=True)


def _over(confirmed: Document, laid: Document | None) -> Document:
    return dataclasses.replace(laid, seq=confirmed.seq) if laid else confirmed
