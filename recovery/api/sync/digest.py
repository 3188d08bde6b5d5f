"""Digest: a phone checks that it holds what it should, and reports where it did not."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import structlog

from foundation.bodies import a_uuid
from foundation.json_text import compact, with_members
from foundation.problems import ClientUnknown
from recovery.api.sync.wire import a_schema, names
from recovery.feed import schemas
from recovery.feed.digest import digests
from recovery.feed.scopes import DERIVED_ID, OWN_ID

log = structlog.get_logger()
KINDS = OWN_ID | DERIVED_ID


def digest(user_id: uuid.UUID, body: dict[str, Any], now: datetime) -> str:
    """The answer as JSON text. Raises ClientUnknown if the phone must register again."""
    unseen = schemas.unknown_to(a_schema(body))
    row = digests(user_id, a_uuid(body, "client_id"), unseen=unseen, only=names(body, "only"))
    if row is None:
        raise ClientUnknown
    if differed := names(body, "differed"):
        # A defect: tell the operator. Log kinds only, because ids would show who is in which scope.
        kinds = sorted({name.partition(":")[0] for name in differed} & KINDS)
        log.warning("digest_differed", kinds=kinds, count=len(differed))
    epoch, scopes = row
    head = compact({"epoch": epoch, "server_time": now.isoformat()})
    return with_members(head, scopes=scopes)
