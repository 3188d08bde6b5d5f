"""The requests of a push. What a patient wrote is never refused for what the phone adds to it: such
a field is ignored, and the result says so in `ignored`."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from foundation.fields import (
    CLOCK,
    ID,
    Field,
    Unfit,
    a_list,
    a_map,
    an_object,
    as_dict,
    is_whole,
    one_of,
    openapi,
)
from recovery.actions.receipts import fingerprint
from recovery.actions.self_reports import CLOCK_FIELDS, as_json
from recovery.api.sync import wire
from recovery.api.sync.wire import BIGGEST, LANES, LIMITS, SHARED, WHOLE, PullRequest, is_number

LONGEST_NAME = 200
COUNTED = WHOLE | {"minimum": 1}
SKEW = {"type": "number", "description": "milliseconds to add to client_time"}
BASE = a_map(WHOLE, description="kind/id of a document: the seq that the author had on the screen")
# A union, one for each action (recovery/api/schema.py).
MUTATION = {"$ref": "#/components/schemas/Mutation"}
# Mutations without a usable uuid are distinguished by what was sent instead.
UNNAMED = uuid.UUID("4f8a1c36-7d0b-5b7e-9a55-0d6a2f1e8c43")
NO_UUID = "This must be a UUID. The mutation was named by what was sent instead."
NO_VERSION = "This must be a whole number from 1. The mutation was taken for version 1."
NO_TIME = "This must be a time with its offset, in ISO 8601. The time of arrival counts."
NO_OFFSET = "This must be a number of milliseconds. client_time was taken as it is."
NO_BASE = "This must map kind/id to a seq."


class Mutation(NamedTuple):
    """`args` are for the action to judge. `ignored`: field → sentences. `unread`: what was sent of
    the phone's clock where it is in `ignored`, to be kept with a self-report.

    `is_next` is False if the id does not continue the batch: nothing after it can be taken.
    """

    id: int
    is_next: bool
    action: str
    uuid: uuid.UUID
    sent_uuid: Any
    version: int
    args: Any
    base: dict[str, int]
    time: datetime | None
    ignored: dict[str, list[str]]
    unread: dict[str, Any]


def schema(action: str, args: dict[str, Any]) -> dict[str, Any]:
    """A mutation of this action, in OpenAPI."""
    return an_object(
        optional=("v", "base", "client_time", "offset_ms"),
        id=COUNTED,
        uuid=ID.schema,
        action={"type": "string", "const": action},
        v=COUNTED,
        args=args,
        base=BASE,
        client_time=CLOCK.schema,
        offset_ms=SKEW,
    )


def _mutations(value: Any) -> list[Mutation]:
    if not isinstance(value, list) or len(value) > LIMITS["mutations"]:
        raise Unfit(f"This must be a list of at most {LIMITS['mutations']} mutations.")
    first = as_dict(value[0]).get("id") if value else 1
    if not is_whole(first, 1, BIGGEST):
        raise Unfit("Each mutation must be an object with an id, counted from 1.")
    return [_mutation(item, first + place) for place, item in enumerate(value)]


def _mutation(value: Any, expected: int) -> Mutation:
    sent = as_dict(value)
    ignored: dict[str, list[str]] = {}
    action, args = _action(sent.get("action")), sent.get("args")
    time = _time(sent.get("client_time"), sent.get("offset_ms"), ignored)
    unread = {name: as_json(sent[name]) for name in CLOCK_FIELDS if name in ignored}
    return Mutation(
        id=expected,
        is_next=is_whole(sent.get("id"), expected, expected),
        action=action,
        uuid=_uuid(sent.get("uuid"), action, args, ignored),
        sent_uuid=sent.get("uuid"),
        version=_version(sent.get("v", 1), ignored),
        args=args,
        base=_base(sent.get("base"), ignored),
        time=time,
        ignored=ignored,
        unread=unread,
    )


def _action(value: Any) -> str:
    """The name, or "?", an unknown action, if no receipt could store it."""
    is_usable = isinstance(value, str) and value.isprintable() and len(value) <= LONGEST_NAME
    return value if is_usable else "?"


def _uuid(value: Any, action: str, args: Any, ignored: dict[str, list[str]]) -> uuid.UUID:
    try:
        read: uuid.UUID = ID.read(value)
    except Unfit:
        ignored["uuid"] = [NO_UUID]
        sent = value if isinstance(value, str) else ""
        # The same however often it is sent, and however it is renumbered.
        name = fingerprint(action, [sent, args]).hex()
        return uuid.uuid5(UNNAMED, name)
    return read


def _version(value: Any, ignored: dict[str, list[str]]) -> int:
    if is_whole(value, 1, BIGGEST):
        return value
    ignored["v"] = [NO_VERSION]
    return 1


def _base(value: Any, ignored: dict[str, list[str]]) -> dict[str, int]:
    sent = as_dict(value)
    usable = {name: seq for name, seq in sent.items() if is_number(seq)}
    if value is not None and (sent != value or usable != sent):
        ignored["base"] = [NO_BASE]
    return usable


def _time(client_time: Any, offset_ms: Any, ignored: dict[str, list[str]]) -> datetime | None:
    """The phone's time plus its measured offset. None if there is no usable time."""
    time: datetime | None = CLOCK.read(client_time)
    if client_time is not None and time is None:
        ignored["client_time"] = [NO_TIME]
    try:
        skew = timedelta(milliseconds=0 if offset_ms is None else offset_ms)
        return time and time + skew
    except (TypeError, OverflowError, ValueError):
        ignored["offset_ms"] = [NO_OFFSET]
        return time


def _lane(value: Any) -> str:
    if value not in LANES:
        raise Unfit("This must be main or urgent.")
    return str(value)


def _any_pull(value: Any) -> Any:
    return value


QUEUE = a_list(MUTATION, maxItems=LIMITS["mutations"])


class PushRequest(NamedTuple):
    """`pull` is parsed once the queue has been taken: nothing wrong in it may hold up the queue."""

    client_id: wire.ClientId
    lane: Annotated[str, Field(_lane, one_of(*LANES), "main")]
    schema: wire.AppSchema
    ack: wire.Acked
    mutations: Annotated[list[Mutation], Field(_mutations, QUEUE)]
    pull: Annotated[Any, Field(_any_pull, openapi(PullRequest, without=SHARED))]
