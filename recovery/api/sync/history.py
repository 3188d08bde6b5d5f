"""History: what is too old for the feed, for the members of its scope."""

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
from recovery.feed.history import Page, Place
from recovery.feed.scopes import scope_id

MOST = 200


def read(user: Any, body: dict[str, Any], now: datetime) -> str:
    """A page as JSON text. NotFound: the person is not in such a scope."""
    scope, kind = _scope(body), a_text(body, "kind", 40)
    limit, before = a_number(body, "limit", 50, 1, MOST), _before(body.get("before"))
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


def _before(told: Any) -> Place | None:
    """Where the page before this one ended."""
    if told is None:
        return None
    try:
        at, id_ = told
        place = Place(datetime.fromisoformat(at), uuid.UUID(id_))
    except (TypeError, ValueError, AttributeError):
        raise invalid("before", "The `next` of the page before, as it came.") from None
    if place.at.tzinfo is None:
        raise invalid("before", "The `next` of the page before, as it came.")
    return place


def _text(scope: str, page: Page, schema: int, now: datetime) -> str:
    after = [page.next.at.isoformat(), str(page.next.id)] if page.next else None
    head = {"scope": scope, "server_time": now.isoformat(), "next": after}
    entries = array(entry(*each) for each in page.entries)
    return with_members(compact(head), entries=schemas.entries(entries, schema))
