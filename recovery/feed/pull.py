"""The pull: everything that changed for one person since their cursor. See sql/pull.sql."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from foundation.postgresql import functions
from recovery.feed import schemas

# A phone's position in one scope: seq, base, grant. Only seq means anything to the phone.
Position = tuple[int, int, str]


@dataclass(frozen=True)
class Question:
    """What a phone asks for. Any cursor is answered, even a forged one: it grants no access."""

    epoch: str
    cursor: dict[str, Position]
    schema: int
    limit: int
    acked: dict[str, int]
    only: list[str] | None = None


@dataclass(frozen=True)
class Page:
    """`lmid`, `results` and `scopes` are JSON text. `has_more` is False once every scope is at its
    head. `schema` is the one that the phone was last known to have."""

    epoch: str
    lmid: str
    last_seen: datetime
    schema: int
    results: str
    scopes: str
    drop: list[str]
    has_more: bool


def parameters(client_id: uuid.UUID, question: Question) -> dict[str, Any]:
    """The parameters of pull() but for `reader`."""
    return {
        "client": client_id,
        # JSON text, because the driver's arrays cost more than the rest of the request.
        "acked": json.dumps(question.acked),
        "asked_epoch": question.epoch,
        "schema": str(question.schema),
        "changed": json.dumps(schemas.changed(question.schema)),
        "page": question.limit,
        "positions": json.dumps(question.cursor),
        "only_names": question.only,
    }


def page(row: tuple[Any, ...] | None, schema: int) -> Page | None:
    """A row of pull() for an app of this schema. None if the phone is unknown."""
    if row is None or row[0] is None:
        return None
    epoch, lmid, last_seen, known_schema, results, scopes, drop, has_more = row
    reshaped = schemas.page(scopes, schema)
    return Page(epoch, lmid, last_seen, known_schema, results, reshaped, drop, has_more)


def read(user_id: uuid.UUID, client_id: uuid.UUID, question: Question) -> Page | None:
    """What this phone of `user_id` does not have yet. None if the phone is unknown."""
    row = functions.first("pull", reader=user_id, **parameters(client_id, question))
    return page(row, question.schema)
