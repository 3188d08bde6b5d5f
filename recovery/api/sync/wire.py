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
    Schema,
    Unfit,
    a_list,
    a_map,
    a_tuple,
    an_object,
    as_dict,
    invalid,
    is_whole,
    number,
    one_of,
    or_null,
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
POSITION = a_tuple(
    WHOLE, WHOLE, TEXT, description="[seq, base, grant]; only seq means anything to the phone"
)
# A union of [kind, id, seq, document], one for each kind (recovery/api/schema.py).
ENTRY = {"$ref": "#/components/schemas/Entry"}
REMOVED = a_tuple(TEXT, ID.schema, WHOLE, description="[kind, id, seq]")
AT = a_tuple(TEXT, WHOLE, description="[scope, seq]")
PROBLEM = {"$ref": "#/components/schemas/ProblemDocument"}
SENTENCES = a_map(a_list(TEXT))


def _result(*, optional: tuple[str, ...] = (), **more: Schema) -> Schema:
    return an_object(
        optional=("code", "at", "data", "problem", "current", *optional),
        id=WHOLE,
        status=one_of("applied", "rejected"),
        code=TEXT,
        at=a_list(AT, description="each scope that changed"),
        data=a_map({}),
        problem=PROBLEM,
        current=ENTRY,
        **more,
    )


RESULT = _result(uuid=ID.schema, lane=one_of(*LANES))
PUSH_RESULT = _result(
    optional=("dup", "ignored"),
    uuid=TEXT | {"description": "as it was sent"},
    dup={"type": "boolean", "description": "it was processed before"},
    ignored=SENTENCES | {"description": "fields that could not be used, and why"},
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
    if value is None:
        return None
    if not isinstance(value, list):
        raise Unfit("This must be a list of names of scopes, or null.")
    return [storable(name) for name in value[: LIMITS["scopes"]]]


def _acked(value: Any) -> dict[str, int]:
    sent = as_dict(value)
    return {lane: sent[lane] for lane in LANES if is_number(sent.get(lane))}


# The newest schema that the app knows. An app that does not say knows only the first.
APP_SCHEMA = number(0, 10_000, FIRST_SCHEMA)
NAMES = or_null(a_list(TEXT, maxItems=LIMITS["scopes"]))

ClientId = Annotated[uuid.UUID, ID]
AppSchema = Annotated[int, APP_SCHEMA]
# The same in requests whose answer is documents: apps that are too old to read it are refused.
ReadableSchema = Annotated[int, replace(APP_SCHEMA, read=_readable)]
# Names of scopes. None if no list was sent.
Names = Annotated[list[str] | None, Field(_names, NAMES)]
# The last result that the phone has stored, by lane.
Acked = Annotated[dict[str, int], Field(_acked, BY_LANE)]


def _positions(value: Any) -> dict[str, Position]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unfit("`scopes` must map names of scopes to positions.")
    sent = list(value.items())[: LIMITS["scopes"]]
    return {name: _position(name, position) for name, position in sent}


def _position(name: str, value: Any) -> Position:
    if storable(name) != name:
        raise Unfit(f"No scope is called `{storable(name)}`.")
    match value:
        case [seq, base, str(granted)] if is_number(seq) and is_number(base):
            return seq, base, storable(granted)
    raise Unfit(f"The position of `{storable(name)}` must be [seq, base, grant] as it was sent.")


POSITIONS = a_map(POSITION, maxProperties=LIMITS["scopes"])


class Cursor(NamedTuple):
    """What is out of date in it is answered with a reset, what is malformed with `invalid`."""

    epoch: str
    scopes: dict[str, Position]


def _cursor(value: Any) -> Cursor:
    """Only a defect of the app makes a cursor that no server has sent. To answer it with everything
    again, as an outdated one, would hide the defect."""
    sent = {} if value is None else value
    if not isinstance(sent, dict):
        raise Unfit("This must be {} or an object with `epoch` and `scopes`.")
    if unknown := sorted(sent.keys() - set(Cursor._fields)):
        raise Unfit(f"There is no `{storable(unknown[0])}` in a cursor, only `epoch` and `scopes`.")
    epoch, positions = sent.get("epoch", ""), _positions(sent.get("scopes"))
    if not isinstance(epoch, str):
        raise Unfit("`epoch` must be the text of the answer that the positions are from.")
    if positions and not epoch:
        raise Unfit("`epoch` is missing: the text of the answer that the positions are from.")
    return Cursor(storable(epoch), positions)


CURSOR = an_object(optional=Cursor._fields, epoch=TEXT, scopes=POSITIONS)


class PullRequest(NamedTuple):
    """`schema` is the phone's own, which may be newer than the server's."""

    schema: ReadableSchema
    client_id: ClientId
    limit: Annotated[int, number(1, 500, 500)]
    ack: Acked
    only: Names
    cursor: Annotated[Cursor, Field(_cursor, CURSOR)]

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


def pull_request(body: Any, *, push: dict[str, Any] | None = None) -> PullRequest:
    """Parse a pull. `push`: the body of the push that it came in."""
    if not isinstance(body, dict):
        raise invalid("pull", "This must be an object.")
    unknown = sorted(body.keys() - set(PullRequest._fields))
    # Without this, a misspelt name would be a first pull, which reads everything again.
    if unknown and "cursor" not in body:
        raise invalid("cursor", f"This is missing. There is no `{storable(unknown[0])}` in a pull.")
    shared = {name: push[name] for name in SHARED if name in push} if push else {}
    return parsed(PullRequest, body | shared)
