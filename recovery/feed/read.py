"""The pull: everything that changed for one person since their cursor, as text ready to send.

The documents are stored as JSON text and PostgreSQL joins them, so that nothing is parsed or
rendered on the way. One statement decides, for each scope the person is in, whether their
position still holds (sync-protocol §2.2) and reads what they lack, up to `limit` rows.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection

from recovery.feed.scopes import scope_id

READ = """
WITH cursor AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(seqs)s::bigint[], %(bases)s::bigint[],
                         %(grants)s::text[]) AS c(id, seq, base, granted)
), mine AS (
    SELECT s.id, s.name, s.kind, s.seq AS head, s.active_at, m.visible_from, c.seq, c.base,
           m."grant" || '.' || %(schema)s AS granted,
           CASE WHEN c.id IS NULL OR %(new_epoch)s THEN 'sweep'
                WHEN split_part(c.granted, '.', 1) <> m."grant"::text THEN 'purge'
                WHEN c.granted <> m."grant" || '.' || %(schema)s THEN 'sweep'
                WHEN c.seq > s.seq OR greatest(c.seq, c.base) < s.floor THEN 'sweep'
           END AS reset
    FROM recovery_membership AS m JOIN recovery_scope AS s ON s.id = m.scope_id
    LEFT JOIN cursor AS c ON c.id = s.id
    WHERE m.user_id = %(user)s AND NOT m.held AND s.is_open
      AND (%(only)s::uuid[] IS NULL OR s.id = ANY(%(only)s::uuid[]))
), stale AS (
    SELECT *, CASE WHEN reset IS NULL THEN base ELSE head END AS new_base,
           greatest(CASE WHEN reset IS NULL THEN seq ELSE 0 END, visible_from) AS start
    FROM mine WHERE reset IS NOT NULL OR seq < head
), ordered AS (
    SELECT *, coalesce(sum(least(head - start, %(limit)s)) OVER (
        ORDER BY array_position(%(order)s::text[], kind), active_at DESC, id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM stale
)
SELECT o.name, o.head, o.new_base, o.granted, o.reset, o.before < %(limit)s AS included,
       f.n, f.last, f.put, f.del
FROM ordered AS o LEFT JOIN LATERAL (
    SELECT count(*) AS n, max(e.seq) AS last,
           string_agg('["' || e.kind || '","' || e.object_id || '",' || e.seq || ',' || e.doc
                      || ']', ',' ORDER BY e.seq) FILTER (WHERE NOT e.deleted) AS put,
           string_agg('["' || e.kind || '","' || e.object_id || '",' || e.seq || ']', ','
                      ORDER BY e.seq) FILTER (WHERE e.deleted) AS del
    FROM (SELECT * FROM recovery_feedentry AS e
          WHERE e.scope_id = o.id AND e.seq > o.start AND NOT (e.deleted AND e.seq <= o.new_base)
          ORDER BY e.seq LIMIT %(limit)s) AS e
) AS f ON o.before < %(limit)s
UNION ALL
SELECT c.id::text, NULL, NULL, NULL, 'drop', NULL, NULL, NULL, NULL, NULL FROM cursor AS c
WHERE NOT EXISTS (SELECT FROM mine WHERE mine.id = c.id) AND %(only)s::uuid[] IS NULL
"""
# Filled in this order, so that what matters most comes with the first page.
ORDER = [
    "person",
    "care",
    "supporter",
    "pair",
    "group",
    "moderators",
    "staff",
    "program",
    "library",
]


@dataclass(frozen=True)
class Position:
    """Where a phone stands in one scope; only `seq` means anything to it."""

    seq: int
    base: int
    granted: str


@dataclass(frozen=True)
class Page:
    """`scopes` and `drop` are JSON text; `has_more` until every scope is at its head."""

    scopes: list[str]
    drop: list[str]
    has_more: bool


def read(
    user_id: uuid.UUID,
    cursor: dict[str, Position],
    *,
    new_epoch: bool,
    schema: int,
    limit: int,
    only: list[str] | None = None,
) -> Page:
    """What `user_id` lacks. A cursor of any origin is answered: it confers nothing."""
    known, unknown = _by_id(cursor)
    with connection.cursor() as db:
        db.execute(READ, _parameters(user_id, known, new_epoch, schema, limit, only))
        rows = db.fetchall()
    names = {str(id_): name for id_, (name, _) in known.items()}
    drop = unknown + [names[row[0]] for row in rows if row[4] == "drop"]
    kept = [row for row in rows if row[4] != "drop"]
    has_more = any(not row[5] or row[6] == limit for row in kept)
    return Page([_scope(row, limit) for row in kept if row[5]], drop, has_more)


def _by_id(
    cursor: dict[str, Position],
) -> tuple[dict[uuid.UUID, tuple[str, Position]], list[str]]:
    known, unknown = {}, []
    for name, position in cursor.items():
        try:
            known[scope_id(name)] = (name, position)
        except ValueError:
            unknown.append(name)
    return known, unknown


def _parameters(
    user_id: uuid.UUID,
    known: dict[uuid.UUID, tuple[str, Position]],
    new_epoch: bool,
    schema: int,
    limit: int,
    only: list[str] | None,
) -> dict[str, Any]:
    positions = [position for _, position in known.values()]
    return {
        "user": user_id,
        "ids": list(known),
        "seqs": [p.seq for p in positions],
        "bases": [p.base for p in positions],
        "grants": [p.granted for p in positions],
        "new_epoch": new_epoch,
        "schema": schema,
        "limit": limit,
        "order": ORDER,
        "only": only and list(_by_id(dict.fromkeys(only, Position(0, 0, "")))[0]),
    }


def _scope(row: tuple[Any, ...], limit: int) -> str:
    name, head, base, granted, reset, _, n, last, put, gone = row
    position = head if n < limit else last
    how = f'"{reset}"' if reset else "null"
    return (
        f'{{"scope":"{name}","pos":[{position},{base},"{granted}"],"head":{head},"reset":{how},'
        f'"put":[{put or ""}],"del":[{gone or ""}]}}'
    )
