"""Pull: what is new to one phone, and the results of what it handed in."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta

from foundation.json_text import compact, with_members
from foundation.problems import ClientUnknown
from recovery.api.sync import clients
from recovery.api.sync.wire import LEASE, PullRequest
from recovery.feed import schemas
from recovery.feed.pull import Page, read


def pull(user_id: uuid.UUID, request: PullRequest, now: datetime) -> str:
    """The answer as JSON text. ClientUnknown: register this phone again."""
    return answer(user_id, request, read(user_id, request.client_id, request.question), now)


def answer(user_id: uuid.UUID, request: PullRequest, page: Page | None, now: datetime) -> str:
    """What was read, as the phone is told it. ClientUnknown: register this phone again."""
    if page is None:
        raise ClientUnknown
    if page.last_seen < now - timedelta(hours=1) or page.schema != request.schema:
        clients.seen(user_id, request.client_id, request.schema, now)
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
    """What was refused shows the document that stood in its way, in a shape the app knows."""
    if request.question.schema >= schemas.newest():
        return page.results
    told = json.loads(page.results)
    return compact([schemas.result(each, request.question.schema) for each in told])
