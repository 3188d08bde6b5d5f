"""What was said in a scope before its feed begins: read as somebody scrolls up, kept nowhere."""

from typing import NamedTuple

from clients.phone.cache import Document
from clients.phone.session import Session

HISTORY = "/api/v1/sync/history"
Place = list[str]


class Page(NamedTuple):
    """Newest first; `next` asks for the page before, None on the last one."""

    documents: list[Document]
    next: Place | None


async def older(session: Session, schema: int, scope: str, kind: str, before: Place | None) -> Page:
    """One page. Raises `Problem` 404 for a scope that this person is not in."""
    asked = {"scope": scope, "kind": kind, "before": before, "schema": schema}
    told = await session.call(HISTORY, asked)
    return Page([Document(scope, *entry) for entry in told["entries"]], told["next"])
