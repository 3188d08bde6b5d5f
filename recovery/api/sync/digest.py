"""Digest: a phone checks that it holds what it should, and reports where it did not."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import NamedTuple

import structlog

from foundation.fields import TEXT, TIME, a_list, an_object
from foundation.json_text import compact
from foundation.problems import ClientUnknown
from recovery.api.sync.wire import WHOLE, ClientId, Names, ReadableSchema
from recovery.feed import schemas
from recovery.feed.digest import digests
from recovery.feed.scopes import DERIVED_ID, OWN_ID

log = structlog.get_logger()
KINDS = OWN_ID | DERIVED_ID


class DigestRequest(NamedTuple):
    schema: ReadableSchema
    client_id: ClientId
    only: Names
    differed: Names


XOR = TEXT | {"pattern": "^[0-9a-f]{16}$"}
DIGEST = an_object(scope=TEXT, head=WHOLE, grant=TEXT, count=WHOLE, xor=XOR)
DIGESTED = an_object(epoch=TEXT, server_time=TIME, scopes=a_list(DIGEST))


def digest(user_id: uuid.UUID, request: DigestRequest, now: datetime) -> str:
    """The answer as JSON text. Raises ClientUnknown if the phone must register again."""
    unseen = schemas.unknown_to(request.schema)
    current = digests(user_id, request.client_id, request.schema, unseen=unseen, only=request.only)
    if current is None:
        raise ClientUnknown
    if request.differed:
        # A defect: tell the operator. Log kinds only, because ids would show who is in which scope.
        kinds = sorted({name.partition(":")[0] for name in request.differed} & KINDS)
        log.warning("digest_differed", kinds=kinds, count=len(request.differed))
    return compact(
        {
            "epoch": current.epoch,
            "server_time": now.isoformat(),
            "scopes": current.scopes,
        }
    )
