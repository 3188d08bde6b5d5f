"""History: what is too old for the feed, page by page."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from foundation.bodies import a_number, a_text, invalid
from foundation.json_text import array, compact, entry, with_members
from foundation.problems import NotFound
from recovery.actions.ledger import audit_read
from recovery.api.sync.wire import a_schema
from recovery.feed import history, schemas
from recovery.feed.context import set_actor
from recovery.feed.history import Page, PageToken
from recovery.feed.scopes import scope_id

MAX_LIMIT = 200


def read(user: Any, body: dict[str, Any], now: datetime) -> str:
    """A page as JSON text. Raises NotFound if the user is not a member of the scope."""
    scope, kind = _scope(body), a_text(body, "kind", 40)
    limit, before = a_number(body, "limit", 50, 1, MAX_LIMIT), _before(body.get("before"))
    with transaction.atomic():
        set_actor(user.id)
        page = history.page(user.id, scope, kind, before=before, limit=limit)
        if page is None:
            raise NotFound
        if page.rows and user.is_staff:
            audit_read(page.rows, user, now)
    return _text(body["scope"], page, a_schema(body), now)


def _scope(body: dict[str, Any]) -> uuid.UUID:
    try:
        return scope_id(a_text(body, "scope"))
    except ValueError:
        raise NotFound from None


def _before(value: Any) -> PageToken | None:
    if value is None:
        return None
    try:
        at, id_ = value
        token = PageToken(datetime.fromisoformat(at), uuid.UUID(id_))
    except (TypeError, ValueError, AttributeError):
        token = None
    if token is None or token.at.tzinfo is None:
        raise invalid("before", "This must be the `next` of the previous page.")
    return token


def _text(scope: str, page: Page, schema: int, now: datetime) -> str:
    after = [page.next.at.isoformat(), str(page.next.id)] if page.next else None
    head = {"scope": scope, "server_time": now.isoformat(), "next": after}
    entries = array(entry(*each) for each in page.entries)
    return with_members(compact(head), entries=schemas.entries(entries, schema))
