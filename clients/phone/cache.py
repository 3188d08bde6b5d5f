"""The local copy of the feed: documents, and the position of each scope.

Methods that write expect an open transaction: the caller decides what belongs together.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from clients.phone.store import Store

UNREAD = [0, 0, ""]  # the server never issues this position, so it answers with a reset


@dataclass(frozen=True)
class Document:
    """A document as a screen shows it: `document["mood"]`. `pending` is true while a change of
    this phone is unconfirmed. `seq` is None for a document that only this phone has."""

    scope: str
    kind: str
    id: str
    seq: int | None
    body: dict[str, Any]
    pending: bool = False

    def __getitem__(self, field: str) -> Any:
        return self.body[field]


class Cache:
    def __init__(self, store: Store) -> None:
        self.store = store

    def epoch(self) -> str | None:
        epoch: str | None = self.store.get("epoch")
        return epoch

    def cursor(self) -> dict[str, Any]:
        """The cursor in wire format; empty before the first pull."""
        epoch = self.epoch()
        if epoch is None:
            return {}
        rows = self.store.all("SELECT name, pos FROM scope ORDER BY name")
        return {"epoch": epoch, "scopes": {row["name"]: json.loads(row["pos"]) for row in rows}}

    def position(self, scope: str) -> list[Any]:
        row = self.store.one("SELECT pos FROM scope WHERE name = ?", scope)
        return json.loads(row["pos"]) if row else UNREAD

    def read_to(self, scope: str) -> int | None:
        """The scope's cursor, or None if this phone does not have the scope."""
        row = self.store.one("SELECT seq FROM scope WHERE name = ?", scope)
        return row["seq"] if row else None

    def is_complete(self, scope: str) -> bool:
        """False while pages are missing, and the screen shows "loading"."""
        row = self.store.one("SELECT complete FROM scope WHERE name = ?", scope)
        return bool(row and row["complete"])

    def scopes(self) -> list[str]:
        return [row["name"] for row in self.store.all("SELECT name FROM scope ORDER BY name")]

    def enter_epoch(self, epoch: str) -> None:
        """Reset all positions in a new epoch, including scopes that the page does not mention. They
        stay in the cursor, so that the server can still drop them."""
        if epoch != self.epoch():
            self.store.run("UPDATE scope SET pos = ?, seq = 0, complete = 0", json.dumps(UNREAD))
            self.store.put(epoch=epoch)

    def differs_from(self, digest: dict[str, Any]) -> bool:
        """Whether we have read to the digest's head, under the same grant, and still hold something
        else."""
        scope = digest["scope"]
        if self.read_to(scope) != digest["head"] or not self.is_complete(scope):
            return False
        if self.position(scope)[2] != digest["grant"]:
            return False
        return self.digest(scope) != (digest["count"], digest["xor"])

    def digest(self, scope: str) -> tuple[int, str]:
        """Return the number of documents, and the XOR of their hashes as 16 hex digits."""
        rows = self.store.all("SELECT kind, id, seq FROM document WHERE scope = ?", scope)
        total = 0
        for row in rows:
            name = f"{row['kind']}:{row['id']}:{row['seq']}"
            total ^= int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
        return len(rows), f"{total:016x}"

    def mark_unread(self, scope: str) -> None:
        """Have the next pull read the scope from its beginning. It stays in the cursor, so that the
        server can still drop it."""
        self.store.run(
            "UPDATE scope SET pos = ?, seq = 0, complete = 0 WHERE name = ?",
            json.dumps(UNREAD), scope,
        )  # fmt: skip

    def empty(self) -> None:
        """Forget all documents and positions, to read everything again."""
        self.store.run("DELETE FROM document")
        self.store.run("DELETE FROM scope")
        self.store.put(epoch=None)

    def drop(self, scope: str) -> None:
        self.store.run("DELETE FROM document WHERE scope = ?", scope)
        self.store.run("DELETE FROM scope WHERE name = ?", scope)

    def reset(self, scope: str, how: str | None) -> None:
        """`purge` removes the rows now. `sweep` keeps them visible until the scope is complete, and
        removes those that no page confirmed."""
        self.store.run(
            "INSERT INTO scope (name, pos, seq, complete, generation) VALUES (?, ?, 0, 0, 1)"
            " ON CONFLICT (name) DO UPDATE SET generation = generation + ?, complete = 0",
            scope, json.dumps(UNREAD), 1 if how else 0,
        )  # fmt: skip
        if how == "purge":
            self.store.run("DELETE FROM document WHERE scope = ?", scope)

    def apply(self, scope: str, puts: Iterable[list[Any]], dels: Iterable[list[Any]]) -> None:
        """Store rows that are newer than ours, or that belong to a newer generation."""
        for kind, key, seq, body in puts:
            self.store.run(
                "INSERT INTO document (scope, kind, id, seq, generation, body)"
                " SELECT name, ?, ?, ?, generation, ? FROM scope WHERE name = ?"
                " ON CONFLICT (scope, kind, id) DO UPDATE"
                " SET seq = excluded.seq, generation = excluded.generation, body = excluded.body"
                " WHERE excluded.generation > document.generation OR excluded.seq > document.seq",
                kind, key, seq, self.store.seal(body, scope, kind, key), scope,
            )  # fmt: skip
            if not body.get("attachments"):
                self.store.run(
                    "DELETE FROM file WHERE scope = ? AND kind = ? AND id = ?", scope, kind, key
                )
        for kind, key, seq in dels:
            self.store.run(
                "DELETE FROM document WHERE scope = ? AND kind = ? AND id = ? AND (seq < ?"
                " OR generation < (SELECT generation FROM scope WHERE name = ?))",
                scope, kind, key, seq, scope,
            )  # fmt: skip

    def set_position(self, scope: str, pos: list[Any], complete: bool) -> None:
        """Move the cursor. If the scope is complete, sweep the rows that no page confirmed."""
        self.store.run(
            "UPDATE scope SET pos = ?, seq = ?, complete = ? WHERE name = ?",
            json.dumps(pos), pos[0], complete, scope,
        )  # fmt: skip
        if complete:
            self.store.run(
                "DELETE FROM document WHERE scope = ? AND generation <"
                " (SELECT generation FROM scope WHERE name = ?)",
                scope, scope,
            )  # fmt: skip

    def advance(self, scope: str, to: int) -> None:
        """Move the sequence number after a live frame. Base and grant change by pulls only."""
        row = self.store.one("SELECT pos FROM scope WHERE name = ?", scope)
        if row:
            self.set_position(scope, [to, *json.loads(row["pos"])[1:]], complete=True)

    def read(self, kind: str | None = None, scope: str | None = None) -> list[Document]:
        """Confirmed documents in the server's order."""
        rows = self.store.all(
            "SELECT * FROM document WHERE kind = coalesce(?, kind) AND scope = coalesce(?, scope)"
            " ORDER BY scope, seq",
            kind, scope,
        )  # fmt: skip
        return [self._document(row) for row in rows]

    def find(self, scope: str, kind: str, key: str) -> Document | None:
        row = self.store.one(
            "SELECT * FROM document WHERE scope = ? AND kind = ? AND id = ?", scope, kind, key
        )
        return self._document(row) if row else None

    def _document(self, row: Any) -> Document:
        key = (row["scope"], row["kind"], row["id"])
        return Document(*key, row["seq"], self.store.open(row["body"], *key))
