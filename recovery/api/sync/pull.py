"""Pull: what one phone does not have yet, and the results of its mutations."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from foundation.fields import TEXT, TIME, a_list, an_object, one_of, or_null
from foundation.json_text import compact, with_members
from foundation.postgresql.base import pipelined_atomic
from foundation.problems import ClientUnknown
from recovery.actions.ledger import note_reads
from recovery.api.sync import clients
from recovery.api.sync.wire import (
    BY_LANE,
    ENTRY,
    LEASE,
    POSITION,
    REMOVED,
    RESULT,
    WHOLE,
    PullRequest,
)
from recovery.feed import schemas
from recovery.feed.context import set_actor
from recovery.feed.pull import Page, read
from recovery.feed.scopes import scope_id

# The kinds of scopes that hold what people wrote or what was written about them.
OF_PEOPLE = frozenset({"person", "care", "supporter", "group", "pair", "moderators"})
CHANGED = an_object(
    scope=TEXT,
    pos=POSITION,
    head=WHOLE,
    reset=or_null(one_of("purge", "sweep")),
    put=a_list(ENTRY),
    **{"del": a_list(REMOVED)},
)
PULLED = an_object(
    epoch=TEXT,
    server_time=TIME,
    lease_expires_at=TIME,
    has_more={"type": "boolean"},
    drop=a_list(an_object(scope=TEXT, purge=one_of("now"))),
    lmid=BY_LANE,
    results=a_list(RESULT),
    scopes=a_list(CHANGED),
)


def pull(user: Any, request: PullRequest, now: datetime) -> str:
    """The answer as JSON text. Raises ClientUnknown if the phone must register again."""
    return answer(user, request, read(user.id, request.client_id, request.question), now)


def answer(user: Any, request: PullRequest, page: Page | None, now: datetime) -> str:
    """Like `pull`, for a page that has been read already."""
    if page is None:
        raise ClientUnknown
    if user.is_staff:
        _trace(user, page, now)
    # At most one write an hour, because most pulls should only read.
    if page.last_seen < now - timedelta(hours=1) or page.schema != request.schema:
        clients.note_visit(user.id, request.client_id, request.schema, now)
    head = {
        "epoch": page.epoch,
        "server_time": now.isoformat(),
        "lease_expires_at": (now + LEASE).isoformat(),
        "has_more": page.has_more,
        "drop": [{"scope": name, "purge": "now"} for name in page.drop],
    }
    return with_members(
        compact(head), lmid=page.lmid, results=_results(page, request), scopes=page.scopes
    )


def _trace(user: Any, page: Page, now: datetime) -> None:
    """Audit what staff are about to see of people: each record and group of which the page has
    documents. It commits before the answer is sent."""
    seen = [
        (scope_id(scope["scope"]), kind, uuid.UUID(id_))
        for scope in json.loads(page.scopes)
        if scope["scope"].partition(":")[0] in OF_PEOPLE
        for kind, id_, *_ in scope["put"]
    ]
    if seen:
        with pipelined_atomic():
            set_actor(user.id)
            note_reads(seen, "read by sync", user, now)


def _results(page: Page, request: PullRequest) -> str:
    # A rejected mutation may come with the current document, which an older app needs reshaped.
    if request.schema >= schemas.newest():
        return page.results
    results = json.loads(page.results)
    return compact([schemas.result(each, request.schema) for each in results])
