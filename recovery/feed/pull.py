"""The pull: everything that changed for one person since their cursor. See sql/pull.sql."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from recovery.feed import schemas

PULL = "SELECT * FROM pull(%s, %s, %s, %s, %s, %s, %s, %s, %s::text[])"
# Where a phone stands in one scope: seq, base, grant. Only the first means anything to it.
Position = tuple[int, int, str]


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


def parameters(client_id: uuid.UUID, question: Question) -> list[Any]:
    """The parameters of pull() after its reader."""
    return [
        client_id,
        # As JSON: arrays of the driver cost more than the rest of the request.
        json.dumps(question.acked),
        question.epoch,
        str(question.schema),
        json.dumps(schemas.changed(question.schema)),
        question.limit,
        json.dumps(question.cursor),
        question.only,
    ]


def page(row: tuple[Any, ...] | None, schema: int) -> Page | None:
    """A row of pull() for an app of this schema; None if it found no such phone."""
    if row is None or row[0] is None:
        return None
    epoch, lmid, last_seen, known_schema, results, scopes, drop, has_more = row
    shown = schemas.page(scopes, schema)
    return Page(epoch, lmid, last_seen, known_schema, results, shown, drop, has_more)


def read(user_id: uuid.UUID, client_id: uuid.UUID, question: Question) -> Page | None:
    """What this phone of `user_id` lacks; None if there is no such phone."""
    with connection.cursor() as cursor:
        cursor.execute(PULL, [user_id, *parameters(client_id, question)])
        return page(cursor.fetchone(), question.schema)
