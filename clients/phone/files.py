"""Sealed files on this phone: outgoing ones of pending mutations, and those that documents show.

A file is deleted with its mutation or document. Methods that write expect an open transaction:
the caller decides what belongs together.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from clients.phone.cache import Document
from clients.phone.store import Store


@dataclass(frozen=True)
class Outgoing:
    """A file to upload into a scope. Its name everywhere is the SHA-256 of its bytes."""

    scope: str
    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class Files:
    def __init__(self, store: Store) -> None:
        self.store = store

    def keep(self, mutation: str, files: Iterable[Outgoing]) -> None:
        for file in files:
            sealed = self._seal(file.data, mutation, file.sha256)
            self.store.run(
                "REPLACE INTO outgoing (mutation, sha256, scope, sent, body)"
                " VALUES (?, ?, ?, 0, ?)",
                mutation, file.sha256, file.scope, sealed,
            )  # fmt: skip

    def unsent(self, mutation: str) -> list[Outgoing]:
        """The files that must reach the server before this mutation."""
        rows = self.store.all("SELECT * FROM outgoing WHERE mutation = ? AND NOT sent", mutation)
        return [Outgoing(r["scope"], self._open(r["body"], mutation, r["sha256"])) for r in rows]

    def has_unsent(self, mutation: str) -> bool:
        sql = "SELECT 1 FROM outgoing WHERE mutation = ? AND NOT sent"
        return self.store.one(sql, mutation) is not None

    def mark_sent(self, mutation: str, file: Outgoing) -> None:
        self.store.run(
            "UPDATE outgoing SET sent = 1 WHERE mutation = ? AND sha256 = ?", mutation, file.sha256
        )

    def count_failure(self, mutation: str, file: Outgoing) -> int:
        """Count a 500 of the server for this file; return the number so far."""
        key = (mutation, file.sha256)
        sql = "UPDATE outgoing SET failures = failures + 1 WHERE mutation = ? AND sha256 = ?"
        self.store.run(sql, *key)
        row = self.store.one(
            "SELECT failures FROM outgoing WHERE mutation = ? AND sha256 = ?", *key
        )
        return row["failures"] if row else 0

    def send_again(self, mutation: str, missing: Iterable[str]) -> bool:
        """Mark files as unsent. Returns False if one of them is no longer on this phone."""
        sql = "UPDATE outgoing SET sent = 0 WHERE mutation = ? AND sha256 = ?"
        # A list first: all files are marked, even after one that is missing.
        marked = [self.store.run(sql, mutation, sha256) for sha256 in missing]
        return all(marked)

    def put(self, shown_by: Document, sha256: str, data: bytes) -> None:
        """Store a file with the document that shows it, if that document is still here."""
        key = (shown_by.scope, shown_by.kind, shown_by.id)
        self.store.run(
            "REPLACE INTO file (scope, kind, id, sha256, body)"
            " SELECT scope, kind, id, ?, ? FROM document WHERE scope = ? AND kind = ? AND id = ?",
            sha256, self._seal(data, *key, sha256), *key,
        )  # fmt: skip

    def find(self, shown_by: Document, sha256: str) -> bytes | None:
        key = (shown_by.scope, shown_by.kind, shown_by.id, sha256)
        row = self.store.one(
            "SELECT body FROM file WHERE scope = ? AND kind = ? AND id = ? AND sha256 = ?", *key
        )
        return self._open(row["body"], *key) if row else None

    def sweep(self) -> None:
        """Delete files whose document or mutation is gone."""
        self.store.run(
            "DELETE FROM file WHERE NOT EXISTS (SELECT 1 FROM document AS d"
            " WHERE d.scope = file.scope AND d.kind = file.kind AND d.id = file.id)"
        )
        self.store.run("DELETE FROM outgoing WHERE mutation NOT IN (SELECT uuid FROM mutation)")

    def _seal(self, data: bytes, *about: str) -> bytes:
        return self.store.keystore.seal_bytes(data, "/".join(("file", *about)))

    def _open(self, sealed: Any, *about: str) -> bytes:
        return self.store.keystore.open_bytes(sealed, "/".join(("file", *about)))
