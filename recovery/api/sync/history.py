"""History: what is too old for the feed, page by page."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from django.db import transaction

from foundation.fields import (
    ID,
    TEXT,
    TIME,
    Field,
    Unfit,
    a_list,
    a_tuple,
    an_object,
    number,
    or_null,
    text,
)
from foundation.json_text import array, compact, entry, with_members
from foundation.problems import NotFound
from recovery.actions.ledger import audit_read
from recovery.api.scopes import ScopeName
from recovery.api.sync.wire import ENTRY, ReadableSchema
from recovery.feed import history, schemas
from recovery.feed.context import set_actor
from recovery.feed.history import Page, PageToken
from recovery.feed.scopes import scope_id


def _before(value: Any) -> PageToken | None:
    if value is None:
        return None
    try:
        at, id_ = value
        token = PageToken(datetime.fromisoformat(at), uuid.UUID(id_))
    except (TypeError, ValueError, AttributeError):
        token = None
    if token is None or token.at.tzinfo is None:
        raise Unfit("This must be the `next` of the previous page.")
    return token


NEXT = or_null(a_tuple(TIME, ID.schema))
BEFORE = NEXT | {"description": "the `next` of the previous page"}


class HistoryRequest(NamedTuple):
    schema: ReadableSchema
    scope: ScopeName
    kind: Annotated[str, text(40)]
    limit: Annotated[int, number(1, 200, 50)]
    before: Annotated[PageToken | None, Field(_before, BEFORE)]


OLDER = an_object(scope=TEXT, server_time=TIME, next=NEXT, entries=a_list(ENTRY))


def read(user: Any, request: HistoryRequest, now: datetime) -> str:
    """A page as JSON text. Raises NotFound if the user is not a member of the scope."""
    scope, kind, limit = scope_id(request.scope), request.kind, request.limit
    with transaction.atomic():
        set_actor(user.id)
        page = history.page(user.id, scope, kind, before=request.before, limit=limit)
        if page is None:
            raise NotFound
        if page.rows and user.is_staff:
            audit_read(page.rows, user, now)
    return _text(page, request, now)


def _text(page: Page, request: HistoryRequest, now: datetime) -> str:
    after = [page.next.at.isoformat(), str(page.next.id)] if page.next else None
    head = {"scope": request.scope, "server_time": now.isoformat(), "next": after}
    entries = array(entry(*each) for each in page.entries)
    return with_members(compact(head), entries=schemas.entries(entries, request.schema))
