"""Pull: what one phone does not have yet, and the results of its mutations."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from foundation.fields import (
    TEXT,
    TIME,
    Field,
    a_list,
    an_object,
    as_dict,
    number,
    one_of,
    openapi,
    parsed,
)
from foundation.json_text import compact, with_members
from foundation.problems import ClientUnknown
from recovery.api.sync import clients, wire
from recovery.api.sync.wire import LEASE, LIMITS, is_number, storable
from recovery.feed import schemas
from recovery.feed.pull import Page, Position, Question, read

SHARED = ("client_id", "schema", "ack")  # with the push that a pull comes in


def _positions(value: Any) -> dict[str, Position]:
    items = list(as_dict(value).items())[: LIMITS["scopes"]]
    return {storable(name): position for name, sent in items if (position := _position(sent))}


def _position(value: Any) -> Position | None:
    match value:
        case [seq, base, str(granted)] if is_number(seq) and is_number(base):
            return seq, base, storable(granted)
    return None


POSITIONS = {
    "type": "object",
    "additionalProperties": wire.POSITION,
    "maxProperties": LIMITS["scopes"],
}


class Cursor(NamedTuple):
    """Parts that make no sense are ignored, so the phone reads again."""

    epoch: Annotated[str, Field(storable, TEXT)]
    scopes: Annotated[dict[str, Position], Field(_positions, POSITIONS)]


def _cursor(value: Any) -> Cursor:
    return parsed(Cursor, as_dict(value))


class PullRequest(NamedTuple):
    """`schema` is the phone's own, which may be newer than the server's."""

    schema: wire.ReadableSchema
    client_id: wire.ClientId
    limit: Annotated[int, number(1, 500, 500)]
    ack: wire.Acked
    only: wire.Names
    cursor: Annotated[Cursor, Field(_cursor, openapi(Cursor))]

    @property
    def question(self) -> Question:
        return Question(
            epoch=self.cursor.epoch,
            cursor=self.cursor.scopes,
            schema=min(self.schema, schemas.newest()),
            limit=self.limit,
            acked=self.ack,
            only=self.only,
        )


def pull_request(body: dict[str, Any], *, push: dict[str, Any] | None = None) -> PullRequest:
    """Parse a pull. `push`: the body of the push that it came in."""
    shared = {name: push[name] for name in SHARED if name in push} if push else {}
    return parsed(PullRequest, body | shared)


CHANGED = an_object(
    scope=TEXT,
    pos=wire.POSITION,
    head=wire.WHOLE,
    reset=one_of("purge", "sweep", nullable=True),
    put=a_list(wire.ENTRY),
    **{"del": a_list(wire.ENTRY)},
)
PULLED = an_object(
    epoch=TEXT,
    server_time=TIME,
    lease_expires_at=TIME,
    has_more={"type": "boolean"},
    drop=a_list(an_object(scope=TEXT, purge=one_of("now"))),
    lmid=wire.BY_LANE,
    results=a_list(wire.RESULT),
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
