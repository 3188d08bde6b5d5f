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
# The same in a statement whose `who` says who asks. The planner may begin it before it looks at
# their state: for a session that may not go on it is asked for nobody, and reads nothing.
PULL_OF_WHO = (
    "pull(CASE WHEN who.state = 'live' THEN who.user_id END,"
    " %s, %s, %s, %s, %s, %s, %s, %s::text[])"
)
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


class Reading:
    """One phone's question as PostgreSQL takes it, and its answer as we do."""

    def __init__(self, client_id: uuid.UUID, question: Question) -> None:
        self._schema = question.schema
        # After who reads. As JSON: arrays of the driver cost more than the rest of the request.
        self.parameters: list[Any] = [
            client_id,
            json.dumps(question.acked),
            question.epoch,
            str(question.schema),
            json.dumps(schemas.changed(question.schema)),
            question.limit,
            json.dumps(question.cursor),
            question.only,
        ]

    def page(self, row: tuple[Any, ...] | None) -> Page | None:
        """What a row of PULL says; None: there is no such phone."""
        if row is None or row[0] is None:
            return None
        epoch, lmid, last_seen, schema, results, scopes, drop, has_more = row
        shown = schemas.page(scopes or "", self._schema)
        return Page(epoch, lmid, last_seen, schema, results, shown, drop, has_more)


def read(user_id: uuid.UUID, client_id: uuid.UUID, question: Question) -> Page | None:
    """What this phone of `user_id` lacks; None: there is no such phone."""
    reading = Reading(client_id, question)
    with connection.cursor() as db:
        db.execute(PULL, [user_id, *reading.parameters])
        return reading.page(db.fetchone())
