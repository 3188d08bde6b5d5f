"""The server's truth: what a phone of this person should hold, read from the tables themselves."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import psycopg

from tools.conform.rules import Broken, Rule

# Not the pull's statement, so that a fault of the pull is not taken for the truth.
MINE = """
SELECT s.name, e.kind, e.object_id::text, e.seq, e.doc
FROM recovery_membership AS m
JOIN recovery_scope AS s ON s.id = m.scope_id AND s.is_open
JOIN recovery_feedentry AS e ON e.scope_id = s.id
WHERE m.user_id = %s AND NOT m.held AND NOT e.deleted AND e.seq > m.visible_from
  AND (e.since IS NULL OR e.since > m.visible_from)
"""
# What a backup holds: each table of the story, and its column with the scope's id. A table comes
# after those that it refers to.
KEPT = {
    "recovery_scope": "id",
    "recovery_membership": "scope_id",
    "recovery_feedentry": "scope_id",
    "recovery_message": "scope_id",
    "recovery_messageversion": "scope_id",
    "recovery_syncclient": "scope_id",
    "recovery_receipt": "scope_id",
}
NEWER = "conform_"  # kinds and fields that begin so come from a newer server; apps ignore them

Key = tuple[str, str, str]
Entries = dict[Key, tuple[int, Any]]


class Database:
    """PostgreSQL, as its owner."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        cursor = self.connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def entries(self, user: str) -> Entries:
        return {
            (scope, kind, id_): (seq, json.loads(text))
            for scope, kind, id_, seq, text in self.run(MINE, user)
        }

    def applied(self, user: str) -> set[str]:
        """The uuids of the mutations of this person that took effect."""
        query = "SELECT id::text FROM recovery_receipt WHERE scope_id = %s AND status = 'applied'"
        return {uuid for (uuid,) in self.run(query, user)}

    def back_up(self, scopes: list[str]) -> dict[str, Any]:
        """Every row of these scopes, by table."""
        query = (
            "SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]')::text FROM {} AS t WHERE {} = ANY(%s)"
        )
        return {
            table: self.run(query.format(table, column), scopes)[0][0]
            for table, column in KEPT.items()
        }

    def restore(self, scopes: list[str], backup: dict[str, Any]) -> None:
        versions = "ALTER TABLE recovery_messageversion {} TRIGGER USER"
        with self.connection.transaction():
            self.run(versions.format("DISABLE"))  # append-only, even for the owner
            for table, column in reversed(KEPT.items()):
                self.run(f"DELETE FROM {table} WHERE {column} = ANY(%s)", scopes)
            for table in KEPT:
                self.run(
                    f"INSERT INTO {table} SELECT * FROM"
                    f" jsonb_populate_recordset(NULL::{table}, %s::jsonb)",
                    backup[table],
                )
            self.run(versions.format("ENABLE"))


def differs(holds: list[Any], truth: Entries, rule: Rule) -> Broken | None:
    """The first difference between `[scope, kind, id, seq, document]`s of a phone and the truth."""
    held = {(s, k, i): (n, document) for s, k, i, n, document in holds}
    held = {key: value for key, value in held.items() if not key[1].startswith(NEWER)}
    right = {key: value for key, value in truth.items() if not key[1].startswith(NEWER)}
    for key in sorted(right.keys() | held.keys()):
        seen = _difference(key, held.get(key), right.get(key))
        if seen:
            return Broken(rule, seen)
    return None


def _difference(key: Key, held: Any, right: Any) -> str:
    name = f"{key[1]} {key[2]} of {key[0]}"
    if held is None:
        return f"{name} (seq {right[0]}) is missing on the phone"
    if right is None:
        return f"{name} (seq {held[0]}) is on the phone, but it is deleted or not theirs to see"
    if held[0] != right[0]:
        return f"{name} has seq {held[0]} on the phone and {right[0]} on the server"
    if not same(held[1], right[1]):
        return f"{name} (seq {right[0]}) has another document than on the server"
    return ""


def same(document: Any, right: Any) -> bool:
    """Whether it is the document, or `sha256:<hex>` of its canonical JSON. An app need not keep the
    fields of a newer server."""
    known = _known(right)
    if isinstance(document, str):
        return document in (digest(known), digest(right))
    return _known(document) == known


def digest(document: Any) -> str:
    """`sha256:` and the hash of the JSON with sorted keys and without blanks, in UTF-8."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _known(document: Any) -> Any:
    if not isinstance(document, dict):
        return document
    return {k: v for k, v in document.items() if not k.startswith(NEWER)}
