"""What the messages of the sync protocol, version 1, share (docs/protocol.md), and the pull, which
comes alone or in a push."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, NamedTuple, TypeGuard

from foundation.fields import (
    ID,
    TEXT,
    Field,
    a_list,
    an_object,
    as_dict,
    is_whole,
    number,
    one_of,
    openapi,
    parsed,
)
from foundation.problems import UpgradeRequired
from recovery.feed import schemas
from recovery.feed.pull import Position, Question

LEASE = timedelta(days=30)
LIMITS = {"mutations": 50, "bytes": 512 * 1024, "scopes": 500}
LANES = ("main", "urgent")
BIGGEST = 2**63 - 1  # a bigint of PostgreSQL
LONGEST = 80  # characters of a scope's name or a grant
SHARED = ("client_id", "schema", "ack")  # with the push that a pull comes in
FIRST_SCHEMA = 1  # the first there ever was, even if it is no longer served

WHOLE = {"type": "integer", "minimum": 0, "maximum": 2**53}
BY_LANE = an_object(optional=LANES, **dict.fromkeys(LANES, WHOLE))
POSITION = a_list({"anyOf": [WHOLE, TEXT]}, minItems=3, maxItems=3) | {
    "description": "[seq, base, grant]; only seq means anything to the phone"
}
ENTRY = a_list({}, description="[kind, id, seq, document]")
RESULT = an_object(
    optional=("lane", "code", "at", "data", "problem", "current", "about", "dup"),
    id=WHOLE,
    uuid=ID.schema,
    lane=one_of(*LANES, description="in a pull"),
    status=one_of("applied", "rejected"),
    code=TEXT,
    at=a_list({}, description="[scope, seq] of each that changed"),
    data={"type": "object"},
    problem={"description": "a sentence, or with `invalid` those of each field"},
    current=ENTRY,
    about=a_list({"type": "object"}, description="what stands in the way"),
    dup={"type": "boolean"},
)


def storable(value: Any) -> str:
    """A form that PostgreSQL accepts. It is only compared, so an altered text is just unequal."""
    text = str(value)[:LONGEST]
    if text.isprintable():
        return text
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def is_number(value: Any) -> TypeGuard[int]:
    return is_whole(value, 0, BIGGEST)


def _readable(value: Any) -> int:
    schema: int = APP_SCHEMA.read(value)
    if schema < schemas.OLDEST:
        raise UpgradeRequired
    return schema


def _names(value: Any) -> list[str] | None:
    if not isinstance(value, list):
        return None
    return [storable(name) for name in value[: LIMITS["scopes"]]]


def _acked(value: Any) -> dict[str, int]:
    sent = as_dict(value)
    return {lane: sent[lane] for lane in LANES if is_number(sent.get(lane))}


# The newest schema that the app knows. An app that does not say knows only the first.
APP_SCHEMA = number(0, 10_000, FIRST_SCHEMA)
NAMES = a_list(TEXT, nullable=True, maxItems=LIMITS["scopes"])

ClientId = Annotated[uuid.UUID, ID]
AppSchema = Annotated[int, APP_SCHEMA]
# The same in requests whose answer is documents: apps that are too old to read it are refused.
ReadableSchema = Annotated[int, replace(APP_SCHEMA, read=_readable)]
# Names of scopes. None if no list was sent.
Names = Annotated[list[str] | None, Field(_names, NAMES)]
# The last result that the phone has stored, by lane.
Acked = Annotated[dict[str, int], Field(_acked, BY_LANE)]


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
    "additionalProperties": POSITION,
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

    schema: ReadableSchema
    client_id: ClientId
    limit: Annotated[int, number(1, 500, 500)]
    ack: Acked
    only: Names
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
