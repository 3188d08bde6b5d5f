"""Parse requests of the sync protocol, version 1 (docs/protocol.md)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from foundation.bodies import a_number, a_uuid, invalid
from recovery.feed import schemas
from recovery.feed.pull import Position, Question

LEASE = timedelta(days=30)
LIMITS = {"mutations": 50, "bytes": 512 * 1024, "scopes": 500}
LANES = ("main", "urgent")
BIGGEST = 2**63 - 1  # a bigint of PostgreSQL
LONGEST = 80  # characters of a scope's name or a grant
FIRST_SCHEMA = 1  # the first there ever was, even if it is no longer served


@dataclass(frozen=True)
class PullRequest:
    """`schema` is the phone's own, which may be newer than the server's."""

    client_id: uuid.UUID
    schema: int
    question: Question


def pull_request(body: dict[str, Any]) -> PullRequest:
    """Parse a pull. Parts of a cursor that make no sense are ignored, so the phone reads again."""
    cursor = body.get("cursor")
    cursor = cursor if isinstance(cursor, dict) else {}
    scopes = cursor.get("scopes")
    return PullRequest(
        client_id=a_uuid(body, "client_id"),
        schema=app_schema(body),
        question=Question(
            acked=acknowledged(body),
            epoch=_storable(cursor.get("epoch")),
            cursor=_positions(scopes) if isinstance(scopes, dict) else {},
            schema=a_schema(body),
            limit=a_number(body, "limit", 500, 1, 500),
            only=names(body, "only"),
        ),
    )


def a_schema(body: dict[str, Any]) -> int:
    """The newest schema that this app and this server both know."""
    return min(app_schema(body), schemas.newest())


def app_schema(body: dict[str, Any]) -> int:
    """The newest schema that this app knows. An app that does not say knows only the first."""
    return a_number(body, "schema", FIRST_SCHEMA, 0, 10_000)


def names(body: dict[str, Any], field: str) -> list[str] | None:
    """A list of scope names, or None if no list was sent."""
    values = body.get(field)
    if not isinstance(values, list):
        return None
    return [_storable(name) for name in values[: LIMITS["scopes"]]]


def acknowledged(body: dict[str, Any]) -> dict[str, int]:
    """The last result that the phone has stored, by lane."""
    ack = body.get("ack")
    if not isinstance(ack, dict):
        return {}
    return {lane: ack[lane] for lane in LANES if _is_number(ack.get(lane))}


def a_lane(body: dict[str, Any]) -> str:
    lane = body.get("lane", "main")
    if lane not in LANES:
        raise invalid("lane", "This must be main or urgent.")
    return str(lane)


def _positions(scopes: dict[str, Any]) -> dict[str, Position]:
    items = list(scopes.items())[: LIMITS["scopes"]]
    return {_storable(name): position for name, value in items if (position := _position(value))}


def _position(value: Any) -> Position | None:
    match value:
        case [seq, base, str(granted)] if _is_number(seq) and _is_number(base):
            return seq, base, _storable(granted)
    return None


def _storable(value: Any) -> str:
    """A form that PostgreSQL accepts. It is only compared, so an altered text is just unequal."""
    return str(value)[:LONGEST].replace("\x00", "").encode("utf-8", "replace").decode()


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= BIGGEST
