"""What goes over the wire of the sync protocol, version 1 (docs: sync protocol §2)."""

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
BIGGEST = 2**63 - 1
LONGEST = 80  # of a scope's name or a grant
FIRST_SCHEMA = 1  # that there ever was, whichever is the oldest still taken


@dataclass(frozen=True)
class PullRequest:
    """`schema`: as the phone told it, which may be newer than ours."""

    client_id: uuid.UUID
    schema: int
    question: Question


def pull_request(body: dict[str, Any]) -> PullRequest:
    """The request of a pull. A cursor is never wrong: what makes no sense is as good as absent."""
    cursor = body.get("cursor")
    cursor = cursor if isinstance(cursor, dict) else {}
    scopes = cursor.get("scopes")
    return PullRequest(
        client_id=a_uuid(body, "client_id"),
        schema=told_schema(body),
        question=Question(
            acked=acknowledged(body),
            epoch=_sent(cursor.get("epoch")),
            cursor=_positions(scopes) if isinstance(scopes, dict) else {},
            schema=a_schema(body),
            limit=a_number(body, "limit", 500, 1, 500),
            only=names(body, "only"),
        ),
    )


def a_schema(body: dict[str, Any]) -> int:
    """The newest shape of documents that this app and this server both know."""
    return min(told_schema(body), schemas.newest())


def told_schema(body: dict[str, Any]) -> int:
    """The newest shape that this app knows. One that does not say is as old as the first."""
    return a_number(body, "schema", FIRST_SCHEMA, 0, 10_000)


def names(body: dict[str, Any], field: str) -> list[str] | None:
    """A list of scopes' names; None: no list was sent."""
    told = body.get(field)
    if not isinstance(told, list):
        return None
    return [_sent(name) for name in told[: LIMITS["scopes"]]]


def acknowledged(body: dict[str, Any]) -> dict[str, int]:
    """The last result the phone has stored, by lane."""
    ack = body.get("ack")
    if not isinstance(ack, dict):
        return {}
    return {lane: ack[lane] for lane in LANES if _is_number(ack.get(lane))}


def a_lane(body: dict[str, Any]) -> str:
    lane = body.get("lane", "main")
    if lane not in LANES:
        raise invalid("lane", "Either main or urgent.")
    return str(lane)


def _positions(scopes: dict[str, Any]) -> dict[str, Position]:
    told = list(scopes.items())[: LIMITS["scopes"]]
    return {_sent(name): position for name, value in told if (position := _position(value))}


def _position(value: Any) -> Position | None:
    match value:
        case [seq, base, str(granted)] if _is_number(seq) and _is_number(base):
            return seq, base, _sent(granted)
    return None


def _sent(value: Any) -> str:
    """As PostgreSQL takes it: it compares this with its own and finds it different at worst."""
    return str(value)[:LONGEST].replace("\x00", "").encode("utf-8", "replace").decode()


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= BIGGEST
