"""The pull: everything that changed for one person since their cursor. See sql/pull.sql."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from recovery.feed import schemas
from recovery.feed.scopes import scope_id

PULL = (
    "SELECT * FROM pull(%s, %s, %s, %s, %s, %s, %s, %s::uuid[], %s::bigint[], %s::bigint[],"
    " %s::text[], %s::uuid[])"
)


@dataclass(frozen=True)
class Position:
    """Where a phone stands in one scope; only `seq` means anything to it."""

    seq: int
    base: int
    granted: str


@dataclass(frozen=True)
class Question:
    """What a phone asks. A cursor of any origin is answered: it confers nothing."""

    epoch: str
    cursor: dict[str, Position]
    schema: int
    limit: int
    acked: dict[str, int]
    only: list[str] | None = None


@dataclass(frozen=True)
class Page:
    """`lmid`, `results` and `scopes` are JSON text; `has_more` until every scope is at its head.

    `schema`: the one that the phone was known to have.
    """

    epoch: str
    lmid: str
    last_seen: datetime
    schema: int
    results: str
    scopes: str
    drop: list[str]
    has_more: bool


def read(user_id: uuid.UUID, client_id: uuid.UUID, question: Question) -> Page | None:
    """What this phone of `user_id` lacks; None: there is no such phone."""
    known, unknown = _by_id(question.cursor)
    with connection.cursor() as db:
        db.execute(PULL, _parameters(user_id, client_id, known, question))
        row = db.fetchone()
    if row is None:
        return None
    epoch, lmid, last_seen, schema, results, scopes, dropped, has_more = row
    drop = unknown + [known[id_][0] for id_ in dropped]
    shown = schemas.page(scopes or "", question.schema)
    return Page(epoch, lmid, last_seen, schema, results, shown, drop, has_more)


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
    client_id: uuid.UUID,
    known: dict[uuid.UUID, tuple[str, Position]],
    question: Question,
) -> list[Any]:
    positions = [position for _, position in known.values()]
    return [
        user_id,
        client_id,
        json.dumps(question.acked),
        question.epoch,
        str(question.schema),
        json.dumps(schemas.changed(question.schema)),
        question.limit,
        list(known),
        [p.seq for p in positions],
        [p.base for p in positions],
        [p.granted for p in positions],
        ids(question.only),
    ]


def ids(names: list[str] | None) -> list[uuid.UUID] | None:
    """The scopes so called, leaving out names that none can have; None: whichever there are."""
    return None if names is None else list(_by_id(dict.fromkeys(names, Position(0, 0, "")))[0])
