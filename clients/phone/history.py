"""Rows older than the start of a scope's feed, read page by page as the user scrolls up. They are
not stored."""

from typing import NamedTuple

from clients.phone.cache import Document
from clients.phone.session import Session

HISTORY = "/api/v1/sync/history"
PageToken = list[str]


class Page(NamedTuple):
    """Newest first. `next` is the `before` of the next older page, None on the last page."""

    documents: list[Document]
    next: PageToken | None


async def older(
    session: Session,
    schema: int,
    scope: str,
    kind: str,
    before: PageToken | None,
    limit: int | None = None,
) -> Page:
    """Fetch one page. Raises `Problem` 404 if the user is not a member of the scope."""
    body = {"scope": scope, "kind": kind, "before": before, "schema": schema}
    if limit:
        body["limit"] = limit
    answer = await session.call(HISTORY, body)
    return Page([Document(scope, *entry) for entry in answer["entries"]], answer["next"])
