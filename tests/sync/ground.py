"""The database of the plays: worlds, backups of them, and what only the database's owner may do.

A world is cheap because a hundred are created at once. None is ever cleared away.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

AT_ONCE = 100
# What a backup of a world holds: each table, and its column with the scope's id.
KEPT = {
    "recovery_scope": "id",
    "recovery_membership": "scope_id",
    "recovery_feedentry": "scope_id",
    "recovery_membercard": "scope_id",
    "recovery_syncclient": "scope_id",
    "recovery_receipt": "scope_id",
    "recovery_failedmutation": "scope_id",
}
NEW_SCOPES = """
INSERT INTO recovery_scope (id, name, kind, home_id, seq, floor, acl, is_open, active_at)
SELECT id, kind || ':' || id, kind, id, 0, 0, 0, true, '2026-03-01'
FROM unnest(%s::uuid[], %s::text[]) AS u(id, kind)
"""
NEW_MEMBERS = """
INSERT INTO recovery_membership (scope_id, user_id, role, "grant", visible_from, held)
SELECT scope, person, 'member', 1, 0, false FROM unnest(%s::uuid[], %s::uuid[]) AS u(scope, person)
"""
BACKUP = "SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]') FROM {} AS t WHERE t.{} = ANY(%s)"
FORGET = "DELETE FROM {} WHERE {} = ANY(%s)"
RESTORE = "INSERT INTO {} SELECT * FROM jsonb_populate_recordset(NULL::{}, %s)"
ROTATE = """
INSERT INTO recovery_syncepoch (id, counter) VALUES (1, 1)
ON CONFLICT (id) DO UPDATE SET counter = recovery_syncepoch.counter + 1
"""
CLOSE = "UPDATE recovery_scope SET is_open = false, acl = acl + 1 WHERE id = %s"
COLLECT = "SELECT collect_tombstones(%s, 'infinity', %s)"
ROWS = """
SELECT s.id, s.seq, coalesce(jsonb_object_agg(f.object_id, f.seq)
                             FILTER (WHERE NOT f.deleted), '{}')
FROM recovery_scope AS s LEFT JOIN recovery_feedentry AS f ON f.scope_id = s.id
WHERE s.id = ANY(%s) GROUP BY s.id
"""


class World(NamedTuple):
    """Ana, Ben and Dana, each with a scope of their own, and two scopes that all three share."""

    ana: UUID
    ben: UUID
    dana: UUID
    group: UUID
    program: UUID

    def name(self, scope: str) -> str:
        """The scope's name on the wire."""
        kind = scope if scope in ("group", "program") else "person"
        return f"{kind}:{getattr(self, scope)}"


class Ground:
    def __init__(self, url: str) -> None:
        self.owner = psycopg.connect(url, autocommit=True)
        self._ready: list[World] = []

    def world(self) -> World:
        if not self._ready:
            self._ready = self._make(
                [World(*(uuid7() for _ in World._fields)) for _ in range(AT_ONCE)]
            )
        return self._ready.pop()

    def _make(self, worlds: list[World]) -> list[World]:
        kinds = ["person"] * 3 + ["group", "program"]
        self.owner.execute(NEW_SCOPES, [[id_ for w in worlds for id_ in w], kinds * len(worlds)])
        members = [(p, p) for w in worlds for p in w[:3]]
        members += [(scope, p) for w in worlds for scope in w[3:] for p in w[:3]]
        self.owner.execute(NEW_MEMBERS, [list(column) for column in zip(*members, strict=True)])
        return worlds

    def back_up(self, world: World) -> dict[str, Any]:
        """The operator's backup: every row of this world, by table."""
        backup = {}
        for table, column in KEPT.items():
            row = self._run(BACKUP, table, column, value=list(world)).fetchone()
            backup[table] = row and row[0]
        return backup

    def restore(self, world: World, backup: dict[str, Any]) -> None:
        """Restore the backup and rotate the epoch, as the runbook says."""
        with self.owner.transaction():
            for table, column in KEPT.items():
                self._run(FORGET, table, column, value=list(world))
                self._run(RESTORE, table, table, value=Jsonb(backup[table]))
            self.owner.execute(ROTATE)

    def _run(self, statement: str, *names: str, value: Any) -> psycopg.Cursor[Any]:
        text = sql.SQL(statement).format(*map(sql.Identifier, names))
        return self.owner.execute(text, [value])

    def close(self, scope: UUID) -> None:
        self.owner.execute(CLOSE, [scope])

    def collect(self, scope: UUID, most: int) -> None:
        self.owner.execute(COLLECT, [scope, most])

    def rows(self, world: World) -> dict[UUID, tuple[int, dict[str, int]]]:
        """The head of each scope, and the seqs of its live objects."""
        records = self.owner.execute(ROWS, [list(world)]).fetchall()
        return {scope: (seq, rows) for scope, seq, rows in records}
