"""The phone's database: one SQLite file. Every change is one transaction.

Bodies are sealed with the keystore's data key, so erasing the key erases the data. Scope names and
ids are not sealed; a real app encrypts the whole file as well.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clients.phone.keystore import Keystore

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS scope (
    name TEXT PRIMARY KEY,
    pos TEXT NOT NULL,             -- JSON [seq, base, grant]; the server sets base and grant
    seq INTEGER NOT NULL,          -- pos[0], to compare with frames
    complete INTEGER NOT NULL,     -- 0 while pages are missing
    generation INTEGER NOT NULL    -- raised by every reset
);
CREATE TABLE IF NOT EXISTS document (
    scope TEXT, kind TEXT, id TEXT, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
    body BLOB NOT NULL, PRIMARY KEY (scope, kind, id)
);
CREATE TABLE IF NOT EXISTS overlay (
    scope TEXT, kind TEXT, id TEXT, uuid TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (scope, kind, id)
);
CREATE TABLE IF NOT EXISTS lane (name TEXT PRIMARY KEY, lmid INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS mutation (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    client_id TEXT NOT NULL, lane TEXT NOT NULL, id INTEGER,
    state TEXT NOT NULL,           -- pending, sent, refused
    action TEXT NOT NULL, v INTEGER NOT NULL, args BLOB NOT NULL, base TEXT NOT NULL,
    client_time TEXT NOT NULL, offset_ms INTEGER,
    settled_at TEXT, result BLOB,
    UNIQUE (client_id, lane, id)
);
CREATE TABLE IF NOT EXISTS outgoing (   -- files that a mutation names, as the user chose them
    mutation TEXT, sha256 TEXT, scope TEXT NOT NULL, sent INTEGER NOT NULL, body BLOB NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,   -- how often the server answered 500
    PRIMARY KEY (mutation, sha256)
);
CREATE TABLE IF NOT EXISTS file (       -- files that a document shows, as the server sent them
    scope TEXT, kind TEXT, id TEXT, sha256 TEXT, body BLOB NOT NULL,
    PRIMARY KEY (scope, kind, id, sha256)
);
"""

TABLES = ("document", "overlay", "mutation", "lane", "scope", "meta", "outgoing", "file")
EMPTY = [f"DELETE FROM {table}" for table in TABLES]  # noqa: S608  (our own names)


class Store:
    """Transactions, settings and sealing. `before_step` is called before every statement of a
    transaction and around its commit, so that tests can simulate a crash there."""

    def __init__(self, path: Path | None, keystore: Keystore) -> None:
        self.path = path
        self.keystore = keystore
        self.before_step: Callable[[str], None] = lambda _: None
        self.after_commit: Callable[[], None] = lambda: None
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA secure_delete = ON")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, even if the process dies in between."""
        self.before_step("BEGIN")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.before_step("COMMIT")
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.rollback()
            raise
        self.before_step("committed")
        self.after_commit()

    def run(self, sql: str, *values: Any) -> int:
        """Run one writing statement. Returns the number of rows it changed."""
        self.before_step(sql)
        return self._connection.execute(sql, values).rowcount

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def get(self, name: str, default: Any = None) -> Any:
        row = self.one("SELECT value FROM meta WHERE name = ?", name)
        return json.loads(row["value"]) if row else default

    def put(self, **values: Any) -> None:
        for name, value in values.items():
            self.run("REPLACE INTO meta (name, value) VALUES (?, ?)", name, json.dumps(value))

    def seal(self, value: Any, *about: str) -> bytes:
        return self.keystore.seal(value, "/".join(about))

    def open(self, sealed: bytes, *about: str) -> Any:
        return self.keystore.open(sealed, "/".join(about))

    def empty(self) -> None:
        """Delete everything. The key is erased before, so that a crash here reveals nothing."""
        with self.transaction():
            for statement in EMPTY:
                self.run(statement)
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._connection.close()
