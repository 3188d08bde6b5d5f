"""The requests of a push. What a patient wrote is never refused for what the phone adds to it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from foundation.fields import (
    CLOCK,
    ID,
    TEXT,
    TIME,
    Field,
    Unfit,
    a_list,
    as_dict,
    invalid,
    is_whole,
    one_of,
    openapi,
    parsed,
)
from recovery.actions.self_reports import as_json
from recovery.api.sync import wire
from recovery.api.sync.wire import BIGGEST, LANES, LIMITS, SHARED, WHOLE, PullRequest, is_number

LONGEST_NAME = 200
COUNTED = WHOLE | {"minimum": 1}
BASE = {"type": "object", "additionalProperties": WHOLE}


def _id(value: Any) -> int:
    if not is_whole(value, 1, BIGGEST):
        raise invalid("mutations", "Each mutation must have an id, counted from 1.")
    return value


def _action(value: Any) -> str:
    """The name, or "?", an unknown action, if no receipt could store it."""
    if not isinstance(value, str):
        raise invalid("mutations", "Each mutation must name its action.")
    return value if value.isprintable() and len(value) <= LONGEST_NAME else "?"


def _version(value: Any) -> int:
    return value if is_whole(value, 1, BIGGEST) else 1


def _base(value: Any) -> dict[str, int]:
    return {name: seq for name, seq in as_dict(value).items() if is_number(seq)}


class Mutation(NamedTuple):
    """`v`: the version of the action's input. `args` are for the action to judge."""

    id: Annotated[int, Field(_id, COUNTED)]
    action: Annotated[str, Field(_action, TEXT)]
    uuid: Annotated[uuid.UUID, ID]
    v: Annotated[int, Field(_version, COUNTED)]
    args: Annotated[Any, Field(lambda args: args, {"type": "object"})]
    base: Annotated[dict[str, int], Field(_base, BASE)]
    client_time: Annotated[Any, Field(lambda time: time, TIME)]
    offset_ms: Annotated[Any, Field(lambda offset: offset, {"type": "number"})]

    def corrected_time(self) -> datetime | None:
        """The phone's time plus its measured offset. None if the time is unusable."""
        time, offset = CLOCK.read(self.client_time), self._offset()
        try:
            return time + (offset or timedelta()) if time else None
        except OverflowError:
            return time

    def unread_clock(self) -> dict[str, Any]:
        """What the phone said of its clock, where it is unusable."""
        usable = {"client_time": CLOCK.read(self.client_time), "offset_ms": self._offset()}
        sent = {name: getattr(self, name) for name, value in usable.items() if value is None}
        return {name: as_json(value) for name, value in sent.items() if value is not None}

    def _offset(self) -> timedelta | None:
        try:
            return timedelta(milliseconds=self.offset_ms)
        except (TypeError, OverflowError, ValueError):
            return None


def _mutations(value: Any) -> list[Mutation]:
    if not isinstance(value, list) or len(value) > LIMITS["mutations"]:
        raise Unfit(f"This must be a list of at most {LIMITS['mutations']} mutations.")
    mutations = [parsed(Mutation, as_dict(item)) for item in value]
    ids = [mutation.id for mutation in mutations]
    if ids and ids != list(range(ids[0], ids[0] + len(ids))):
        raise Unfit("The ids must count upwards without a gap.")
    return mutations


def _lane(value: Any) -> str:
    if value not in LANES:
        raise Unfit("This must be main or urgent.")
    return str(value)


def _pull(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


QUEUE = a_list(openapi(Mutation), maxItems=LIMITS["mutations"])


class PushRequest(NamedTuple):
    """`pull` is parsed once the queue has been taken: nothing wrong in it may hold up the queue."""

    client_id: wire.ClientId
    lane: Annotated[str, Field(_lane, one_of(*LANES), "main")]
    schema: wire.AppSchema
    ack: wire.Acked
    mutations: Annotated[list[Mutation], Field(_mutations, QUEUE)]
    pull: Annotated[dict[str, Any] | None, Field(_pull, openapi(PullRequest, without=SHARED))]
