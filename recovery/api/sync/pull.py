"""Pull: what one phone does not have yet, and the results of its mutations."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta

from foundation.fields import TEXT, TIME, a_list, an_object, one_of
from foundation.json_text import compact, with_members
from foundation.problems import ClientUnknown
from recovery.api.sync import clients
from recovery.api.sync.wire import BY_LANE, ENTRY, LEASE, POSITION, RESULT, WHOLE, PullRequest
from recovery.feed import schemas
from recovery.feed.pull import Page, read

CHANGED = an_object(
    scope=TEXT,
    pos=POSITION,
    head=WHOLE,
    reset=one_of("purge", "sweep", nullable=True),
    put=a_list(ENTRY),
    **{"del": a_list(ENTRY)},
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


def pull(user_id: uuid.UUID, request: PullRequest, now: datetime) -> str:
    """The answer as JSON text. Raises ClientUnknown if the phone must register again."""
    return answer(user_id, request, read(user_id, request.client_id, request.question), now)


def answer(user_id: uuid.UUID, request: PullRequest, page: Page | None, now: datetime) -> str:
    """Like `pull`, for a page that has been read already."""
    if page is None:
        raise ClientUnknown
    # At most one write an hour, because most pulls should only read.
    if page.last_seen < now - timedelta(hours=1) or page.schema != request.schema:
        clients.note_visit(user_id, request.client_id, request.schema, now)
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


def _results(page: Page, request: PullRequest) -> str:
    # A rejected mutation may come with the current document, which an older app needs reshaped.
    if request.schema >= schemas.newest():
        return page.results
    results = json.loads(page.results)
    return compact([schemas.result(each, request.schema) for each in results])
